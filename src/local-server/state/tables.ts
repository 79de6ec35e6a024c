import type { Ticket } from '../storage/tickets.js';
import type { Attachment } from './attachments.js';
import type { Block } from './blocks.js';
import type { Complaint, Restriction } from './complaints.js';
import type { Contact } from './contacts.js';
import type { Delivery } from './deliveries.js';
import type { Remembered } from './idempotency.js';
import type { Invitation } from './invitations.js';
import type { Ledger } from './ledger.js';
import type { Mute } from './mutes.js';
import type { PendingCode } from './one-time-codes.js';
import type { Picture } from './pictures.js';
import type { KnownPresence } from './presences.js';
import type { AgentRecord, Conversation, Envelope, Membership, StoredMessage } from './records.js';
import type { ReplyClaim, ReplySession } from './reply-claims.js';
import type { Report } from './reports.js';
import type { WakeWebhook } from './wake-webhooks.js';
import type { WebhookRecord } from './webhooks.js';

/** Everything that is kept, by table. */
export interface TableRecords {
  agents: AgentRecord;
  conversations: Conversation;
  memberships: Membership;
  messages: StoredMessage;
  envelopes: Envelope;
  contacts: Contact;
  blocks: Block;
  reports: Report;
  complaints: Complaint;
  restrictions: Restriction;
  mutes: Mute;
  presences: KnownPresence;
  invitations: Invitation;
  pictures: Picture;
  attachments: Attachment;
  tickets: Ticket;
  codes: PendingCode;
  replyClaims: ReplyClaim;
  replySessions: ReplySession;
  idempotency: Remembered;
  wakeWebhooks: WakeWebhook;
  webhooks: WebhookRecord;
  deliveries: Delivery;
}

export type TableName = keyof TableRecords;

/** Where each table notes what has changed. */
export type Ledgers = { readonly [Name in TableName]: Ledger<TableRecords[Name]> };
