import type { MuteTargetKind } from './enums.js';

/** Muted: not pushed and not sent to webhooks, but still in `sync` and in the history. */
export interface MuteEntry {
  muter_agent_id: string;
  target_kind: MuteTargetKind;
  /** For an agent this is an internal id, not the handle: remember the handle that you asked for. */
  target_id: string;
  /** ISO 8601; `null` is for ever. */
  muted_until: string | null;
  created_at: string;
}

export interface MuteListResult {
  mutes: MuteEntry[];
}

export interface MuteListQuery {
  kind?: MuteTargetKind | undefined;
}

/** Muting again replaces the expiry. */
export type CreateMuteRequest =
  | { target_kind: 'agent'; target_handle: string; muted_until?: string | null | undefined }
  | { target_kind: 'conversation'; target_id: string; muted_until?: string | null | undefined };
