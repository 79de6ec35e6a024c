import type { Open } from './enums.js';
import type { DeletedGroupInfo, GroupInvitation } from './groups.js';
import { isObject, kindOf } from './json.js';
import type { Message } from './messages.js';
import type { PresenceBroadcast, PresenceUpdate } from './presence.js';

/** A frame that is an object with a string `type`, and of which nothing else is known yet. */
export interface ServerFrame {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Somebody has read a conversation at least up to `through_seq`. */
export interface MessageReadEvent {
  conversation_id: string;
  through_seq: number;
  /** A handle. */
  reader: string;
  /** ISO 8601. */
  at?: string;
}

export interface TypingEvent {
  conversation_id: string;
  /** A handle. */
  sender: string;
}

/** Advice that a limit is near. Nothing was refused. */
export interface RateLimitWarning {
  endpoint?: string;
  limit?: number;
  remaining?: number;
  reset_at?: string;
  message?: string;
}

/** What each event carries in its `payload`. The service may send events that are not listed here. */
export interface ServerEventMap {
  'message.new': Message;
  'message.read': MessageReadEvent;
  'presence.update': PresenceBroadcast;
  'typing.start': TypingEvent;
  'typing.stop': TypingEvent;
  'rate_limit.warning': RateLimitWarning;
  'group.invite.received': GroupInvitation;
  'group.deleted': DeletedGroupInfo;
}

/** The events that the service is known to push. */
export type ServerEvent = keyof ServerEventMap;
export const SERVER_EVENTS: readonly ServerEvent[] = [
  'message.new',
  'message.read',
  'presence.update',
  'typing.start',
  'typing.stop',
  'rate_limit.warning',
  'group.invite.received',
  'group.deleted',
];

/** An event as handlers get it. */
export interface ServerEventFrame<Event extends ServerEvent = ServerEvent> {
  type: Event;
  payload: ServerEventMap[Event];
  id?: string;
}

/** What a client may ask for. `message.send` is in the vocabulary, but the service does not take messages this way. */
export type ClientAction =
  | 'message.send'
  | 'message.read_ack'
  | 'presence.update'
  | 'typing.start'
  | 'typing.stop';

/** Any frame after the hello, in either direction. */
export interface WsMessage {
  type: Open<ServerEvent | ClientAction>;
  payload: Record<string, unknown>;
  id?: string;
}

/** The first frame of a connection. Its fields are flat, and the service wants it within five seconds. */
export interface HelloFrame {
  type: 'hello';
  api_key: string;
  capabilities?: string[];
  client?: string;
  client_version?: string;
}

/** The answer to {@link HelloFrame}, once. Servers that negotiate nothing leave `capabilities` out. */
export interface HelloOkFrame {
  type: 'hello.ok';
  capabilities?: string[];
}

/** The message is taken care of: do not deliver it again. Only where the server echoed the `ack` capability. */
export interface AckFrame {
  type: 'ack';
  message_id: string;
}

export interface TypingFrame {
  type: 'typing.start' | 'typing.stop';
  payload: { conversation_id: string };
}

/** Read, up to and including `through_seq`. */
export interface ReadAckFrame {
  type: 'message.read_ack';
  payload: { conversation_id: string; through_seq: number };
}

export interface PresenceFrame {
  type: 'presence.update';
  payload: PresenceUpdate;
}

/** Everything that a client sends. The service acknowledges none of these but the hello. */
export type ClientFrame = HelloFrame | AckFrame | TypingFrame | ReadAckFrame | PresenceFrame;

/** The capability that turns delivery from "written to a socket" into "acknowledged by the client". */
export const ACK_CAPABILITY = 'ack';
/** The upgrade header that offers capabilities where the key travels in a header too. */
export const CAPABILITIES_HEADER = 'x-agentchat-capabilities';

/** What `parseFrame` made of the data of a socket message. */
export type ParsedFrame =
  | { readonly ok: true; readonly frame: ServerFrame }
  | { readonly ok: false; readonly problem: string };

/**
 * Reads what a socket delivered. Total: whatever came, it answers and never throws. A problem says what the data was
 * without quoting it.
 */
export function parseFrame(data: unknown): ParsedFrame {
  if (typeof data !== 'string') return { ok: false, problem: 'not a text frame' };
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return { ok: false, problem: `not JSON (${data.length} characters)` };
  }
  if (isServerFrame(value)) return { ok: true, frame: value };
  return { ok: false, problem: frameProblem(value) };
}

function isServerFrame(value: unknown): value is ServerFrame {
  return isObject(value) && typeof value.type === 'string';
}

function frameProblem(value: unknown): string {
  if (!isObject(value)) return `${kindOf(value)} instead of an object`;
  return 'type' in value ? '"type" is not a string' : 'no "type"';
}

/** What a frame carries: `payload`, or `message` as some servers call it. */
export function framePayload(frame: ServerFrame): unknown {
  return frame.payload ?? frame.message;
}
