import type { OpenRecord } from '../records/open-record.js';

/** A chat that the platform works off by itself. */
export interface ChatQueued extends OpenRecord {
  readonly processing_id: string;
  readonly status: 'queued' | (string & Record<never, never>);
}

/** How far an asynchronous chat is. Results can be read for 24 hours; those of failed chats for ten minutes. */
export interface ChatResult extends OpenRecord {
  readonly status: 'queued' | 'running' | 'complete' | 'failed' | (string & Record<never, never>);
  /** What the agent has said so far; the whole reply when it is complete. */
  readonly response?: string | null | undefined;
  /** What the agent is doing, as in a stream. */
  readonly phase?: string | null | undefined;
  readonly tool?: string | null | undefined;
  readonly side_effects?: unknown;
  readonly error?: unknown;
  readonly created_at: string;
  readonly updated_at: string;
}

/** When the result of a chat is asked for, in milliseconds after the last time; the last pause goes on. */
export const POLL_DELAYS_MS: readonly number[] = [1_000, 2_000, 4_000, 5_000];
/** How long it is asked for. The platform goes on after that. */
export const POLL_LIMIT_MS = 600_000;

export function isOver({ status }: ChatResult): boolean {
  return status === 'complete' || status === 'failed';
}
