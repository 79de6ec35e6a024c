import { checkFilled, checkOptionNames, invalid } from '../../http/index.js';
import { defined } from '../shared/defined.js';

/** Somia numbers its agents. Digits in a string, as an environment variable holds them, are taken too. */
export type SomiaAgentId = number | string;

/** What is said: a text, or the agent's inputs by their names. */
export type SomiaInput = string | Readonly<Record<string, unknown>>;

/** How a call is made. What is left out is not sent. */
export interface SomiaOptions {
  /** Which version of the agent's pipeline runs. Default of a new session: `production`. */
  pipeline_version?: string | undefined;
  trace_enabled?: boolean | undefined;
  test?: boolean | undefined;
  tags?: readonly string[] | undefined;
  environment?: string | undefined;
  /** Who speaks, by your own id. */
  end_user_id?: string | undefined;
  metadata?: Readonly<Record<string, unknown>> | undefined;
  /**
   * What else goes into the body, and in place of what. Most names of fields are assumed here: put the right ones in, and take a
   * wrong one out with `undefined`.
   *
   * @example { input_data: 'Hello', extraBody: { query: 'Hello', input_data: undefined } }
   */
  extraBody?: Readonly<Record<string, unknown>> | undefined;
}

/** The fields of {@link SomiaSessions.createSession}. */
export interface SomiaCreateFields extends SomiaOptions {
  /** Somia may ignore it, when the Begin step of the agent asks for nothing. */
  input_data?: SomiaInput | undefined;
}

/** The fields of {@link SomiaSessions.interactSession}. */
export interface SomiaInteractFields extends SomiaOptions {
  input_data: SomiaInput;
}

/** The fields of {@link SomiaSessions.run}. */
export interface SomiaRunFields extends SomiaOptions {
  input_data: SomiaInput;
  /** Goes on in this session. Default: a new one. */
  session_id?: string | undefined;
}

/** The whole answer, when it is complete. */
export interface SomiaPlain {
  stream?: false | undefined;
}

/** The answer as it comes. */
export interface SomiaStreamed {
  stream: true;
}

export const OPTION_NAMES: readonly string[] = [
  'pipeline_version',
  'trace_enabled',
  'test',
  'tags',
  'environment',
  'end_user_id',
  'metadata',
  'extraBody',
];
const FIELD_NAMES: readonly string[] = ['input_data', 'stream', ...OPTION_NAMES];
const RUN_FIELD_NAMES: readonly string[] = ['session_id', ...FIELD_NAMES];

/** What a new session is told unless the caller says otherwise. */
const NEW_SESSION = { pipeline_version: 'production' };

/** The operations, by the names of the methods. */
export type SomiaOperation = 'sessions.createSession' | 'sessions.interactSession' | 'sessions.run';

/**
 * The body of a call.
 *
 * @param isNew It makes a session.
 * @throws ValidationError that names the field that cannot be, or the input that is missing.
 */
export function bodyOf(asked: object, operation: SomiaOperation, isNew: boolean): Record<string, unknown> {
  checkOptionNames(asked, operation === 'sessions.run' ? RUN_FIELD_NAMES : FIELD_NAMES, `${operation} field`);
  const { session_id: _, extraBody = {}, stream = false, ...fields } = defined(asked);
  if (typeof stream !== 'boolean') throw invalid('stream', '"stream" must be true or false');
  if (!isFields(extraBody)) throw invalid('extraBody', '"extraBody" must be an object of fields');
  if (fields.input_data !== undefined || operation !== 'sessions.createSession') {
    checkInput(fields.input_data);
  }
  return { ...(isNew ? NEW_SESSION : {}), ...fields, stream, ...extraBody };
}

/** An object of names and values, and no list. */
export function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkInput(input: unknown): void {
  if (isFields(input)) return;
  if (typeof input === 'string') checkFilled(input, 'input_data');
  else throw invalid('input_data', '"input_data" must be a text, or an object with the inputs of the agent');
}
