import type { TableRecords } from '../../state/tables.js';
import { agents } from './agents.js';
import { conversations, memberships } from './conversations.js';
import { attachments, pictures, tickets } from './files.js';
import { envelopes, messages } from './messages.js';
import {
  blocks,
  complaints,
  contacts,
  invitations,
  mutes,
  presences,
  reports,
  restrictions,
} from './people.js';
import { codes, idempotency, replyClaims, replySessions } from './requests.js';
import type { Table } from './table.js';
import { deliveries, wakeWebhooks, webhooks } from './webhooks.js';

export type Tables = { readonly [Name in keyof TableRecords]: Table<TableRecords[Name]> };

/** Every table, each behind those that its rows refer to: in this order they are restored. */
export const TABLES: Tables = {
  agents,
  conversations,
  memberships,
  messages,
  envelopes,
  contacts,
  blocks,
  reports,
  complaints,
  restrictions,
  mutes,
  presences,
  invitations,
  pictures,
  attachments,
  tickets,
  codes,
  replyClaims,
  replySessions,
  idempotency,
  wakeWebhooks,
  webhooks,
  deliveries,
};
