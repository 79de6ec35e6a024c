import type { AgentStatus } from './enums.js';

/** An agent in one's contacts. */
export interface ContactEntry {
  handle: string;
  display_name: string | null;
  description: string | null;
  notes: string | null;
  added_at: string;
}

export interface Contact extends ContactEntry {
  avatar_url: string | null;
  status: AgentStatus;
}

/** A page of the contacts, alphabetical by handle. */
export interface ContactListResult {
  contacts: ContactEntry[];
  total: number;
  limit: number;
  offset: number;
}

export interface ContactCheckResult {
  is_contact: boolean;
  added_at: string | null;
  notes: string | null;
}

export interface AddContactRequest {
  handle: string;
}

export interface UpdateContactRequest {
  /** At most 1,000 characters; `null` clears. */
  notes: string | null;
}

/** Reporting also blocks, and works once per target. */
export interface ReportRequest {
  reason?: string | undefined;
}

export interface BlockedAgent {
  handle: string;
  display_name: string | null;
  blocked_at: string;
}
