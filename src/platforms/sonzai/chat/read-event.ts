import { asRecord } from '../records/as-record.js';
import type { OpenRecord } from '../records/open-record.js';
import type { ChatEvent } from './chat-event.js';

/** The types that the platform gives its frames. Those without one are told apart by their fields. */
const TYPED = ['context_ready', 'side_effects', 'message_boundary', 'phase'] as const;

/**
 * What a frame of a chat is, by the platform's own order of tests. Ask {@link failureIn} first: it is the first test.
 */
export function readEvent(frame: OpenRecord): ChatEvent {
  const typed = TYPED.find((type) => type === frame.type);
  if (typed !== undefined) return { ...frame, kind: typed } as ChatEvent;
  const choice = choiceOf(frame);
  if (filled(choice?.finish_reason) || filled(frame.finish_reason) || frame.full_content != null) {
    return { ...frame, kind: 'complete', external_tool_calls: listOf(frame.external_tool_calls) };
  }
  // A newer platform may say something under a type of its own: nobody knows whether its text is for the person.
  if (filled(frame.type) || choice === undefined) return { ...frame, kind: 'other' };
  return { ...frame, kind: 'delta', content: deltaOf(frame) };
}

/** The text that a frame adds. */
export function deltaOf(frame: OpenRecord): string {
  const { content } = asRecord(choiceOf(frame)?.delta) ?? {};
  return typeof content === 'string' ? content : '';
}

/** What went wrong, as a frame tells it. */
export interface FrameFailure {
  readonly message: string;
  readonly code: string | null;
  readonly isTokenError: boolean;
}

/** The failure that a frame tells of; `undefined` for all other frames. */
export function failureIn(frame: OpenRecord): FrameFailure | undefined {
  const { error, error_message } = frame;
  // Some servers write fields that are empty.
  const isFailure = filled(error) || filled(error_message) || asRecord(error) !== undefined;
  if (!isFailure) return undefined;
  const details = asRecord(error) ?? {};
  const said = [details.message, error, error_message].find(filled);
  const code = [details.code, frame.error_code].find((each) => filled(each) || typeof each === 'number');
  return {
    message: said ?? 'it gave no reason',
    code: code === undefined ? null : String(code),
    isTokenError: frame.is_token_error === true || details.is_token_error === true,
  };
}

function choiceOf(frame: OpenRecord): OpenRecord | undefined {
  return Array.isArray(frame.choices) ? asRecord(frame.choices[0]) : undefined;
}

function listOf<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? value : [];
}

function filled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
