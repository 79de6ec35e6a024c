import type { Frame } from '../../http/index.js';
import type { Dialect } from '../shared/dialect.js';
import type { FrameStream } from '../shared/frame-stream.js';
import { isFields, withTextIds } from './records.js';

/** A piece of the reply. */
export interface PhosonTokenEvent {
  type: 'token';
  content: string;
}

/** A piece of what the model considers. */
export interface PhosonReasoningEvent {
  type: 'reasoning';
  content: string;
}

/** A tool is used. */
export interface PhosonToolStartEvent {
  type: 'tool_start';
  tool: string;
  input: Record<string, unknown>;
  tool_call_id: string;
}

/** A tool was used. */
export interface PhosonToolEndEvent {
  type: 'tool_end';
  tool: string;
  result: string;
  tool_call_id: string;
}

/** The reply is complete. The last event. */
export interface PhosonRunDoneEvent {
  type: 'run_done';
  /** The whole reply. */
  content: string;
  run_id: string;
}

/** The run failed. The last event; nothing is thrown. */
export interface PhosonErrorEvent {
  type: 'error';
  message: string;
}

/** What happens while an agent replies. Fields that are not known here are kept. */
export type PhosonEvent =
  | PhosonTokenEvent
  | PhosonReasoningEvent
  | PhosonToolStartEvent
  | PhosonToolEndEvent
  | PhosonRunDoneEvent
  | PhosonErrorEvent;

/** The fields of each event that are texts. The first must be there; a missing other one reads as empty. */
const TEXTS: { readonly [T in PhosonEvent['type']]: readonly [string, ...string[]] } = {
  token: ['content'],
  reasoning: ['content'],
  tool_start: ['tool', 'tool_call_id'],
  tool_end: ['tool', 'result', 'tool_call_id'],
  run_done: ['content', 'run_id'],
  error: ['message'],
};

/** Ends a stream without an event. */
const END = '[DONE]';

/**
 * The events of a stream. Frames that are not known are skipped.
 *
 * @throws PhosonApiError of kind `protocol` for JSON that does not parse, `interrupted` when the stream ends before the reply.
 */
export async function* readEvents(
  frames: FrameStream,
  dialect: Dialect,
): AsyncGenerator<PhosonEvent, void, undefined> {
  for await (const frame of frames) {
    if (frame.data.trim() === END) return;
    const event = eventOf(frame, frames, dialect);
    if (event === undefined) continue;
    yield event;
    if (event.type === 'run_done' || event.type === 'error') return;
  }
  throw failure(frames, dialect, 'interrupted', 'the stream ended before the reply was complete');
}

function eventOf(frame: Frame, frames: FrameStream, dialect: Dialect): PhosonEvent | undefined {
  let data: unknown;
  try {
    data = JSON.parse(frame.data);
  } catch {
    throw frame.complete
      ? failure(frames, dialect, 'protocol', 'a frame of the stream is no JSON. Check "baseUrl" and "routes"')
      : failure(frames, dialect, 'interrupted', 'the stream ended within a frame');
  }
  if (!isFields(data)) return undefined;
  const type = data.type ?? frame.event;
  if (typeof type !== 'string' || !Object.hasOwn(TEXTS, type)) return undefined;
  const texts = TEXTS[type as PhosonEvent['type']];
  const isNested = data[texts[0]] === undefined && isFields(data.data);
  const fields = withTextIds(isNested ? (data.data as Record<string, unknown>) : data);
  if (typeof fields[texts[0]] !== 'string') return undefined;
  const known = Object.fromEntries(texts.map((name) => [name, textOf(fields[name])]));
  const input = type === 'tool_start' ? { input: isFields(fields.input) ? fields.input : {} } : {};
  return { ...fields, ...known, ...input, type } as unknown as PhosonEvent;
}

/** A tool may give something else than a text. */
function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function failure(
  { status, headers, requestId }: FrameStream,
  dialect: Dialect,
  kind: 'protocol' | 'interrupted',
  what: string,
): Error {
  const message = `messages.stream: ${what}.`;
  return dialect.error({ platform: 'phoson', kind, message, status, headers, requestId, outcome: 'unknown' });
}
