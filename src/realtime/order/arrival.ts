import type { Message } from '../../wire/index.js';
import type { MessageEvent, MessageSource } from '../events.js';

/** How an arrival stands to the order of its conversation. */
export type Standing =
  /** At its place: handling it moves the handled cursor. */
  | 'ordered'
  /** Below the place reached: a given-up seq that came after all, or one older than our first look (ORD-3). */
  | 'late'
  /** Beside the order: no usable seq, or one so far away that history does not know it (GAP-2). */
  | 'stray'
  /** History has it in a form that cannot be used: the seq is taken, and its message is missing (GAP-3). */
  | 'unusable';

/** A message (or the mere knowledge that a seq is taken) on its way from a socket or a REST page to a handler. */
export interface Arrival {
  /** The per-conversation number. `NO_SEQ` for messages without a usable one. */
  readonly seq: number;
  /** The message; `null` for a consumed slot: a seq that we know to be our own send (GAP-5), or to be unusable. */
  readonly message: Message | null;
  /** The wire frame that handlers get; built for REST rows. `null` for a consumed slot. */
  readonly event: MessageEvent | null;
  readonly source: MessageSource;
  /** When it reached us, on the monotonic clock: the age of a gap is the age of what waits behind it. */
  readonly at: number;
  standing: Standing;
  /** True when handlers have been given this message before (it was parked). */
  redelivered: boolean;
}

/** Stands for "no seq" in an arrival. */
export const NO_SEQ = -1;
