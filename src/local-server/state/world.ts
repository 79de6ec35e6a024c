import { OTP_LIFETIME_MS, OTP_MAX_ATTEMPTS } from '../../wire/index.js';
import type { IdSource } from '../ids.js';
import type { Quirks } from '../quirks.js';
import { Tickets } from '../storage/tickets.js';
import { Agents } from './agents.js';
import { Attachments } from './attachments.js';
import { Blocks } from './blocks.js';
import { Complaints } from './complaints.js';
import { Contacts } from './contacts.js';
import { Conversations } from './conversations.js';
import { Deliveries } from './deliveries.js';
import { Idempotency } from './idempotency.js';
import { Invitations } from './invitations.js';
import { Messages } from './messages.js';
import { Mutes } from './mutes.js';
import { OneTimeCodes } from './one-time-codes.js';
import { Pictures } from './pictures.js';
import { Presences } from './presences.js';
import { createQuotas, type Quotas } from './quotas.js';
import { ReplyClaims } from './reply-claims.js';
import { Reports } from './reports.js';
import type { Ledgers } from './tables.js';
import { WakeWebhooks } from './wake-webhooks.js';
import { Webhooks } from './webhooks.js';

/** Everything that the server remembers. It outlives restarts and ends with the process. */
export interface World {
  readonly ids: IdSource;
  readonly agents: Agents;
  readonly codes: OneTimeCodes;
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly contacts: Contacts;
  readonly blocks: Blocks;
  readonly reports: Reports;
  readonly complaints: Complaints;
  readonly mutes: Mutes;
  readonly presences: Presences;
  readonly invitations: Invitations;
  readonly attachments: Attachments;
  readonly tickets: Tickets;
  readonly pictures: Pictures;
  readonly replyClaims: ReplyClaims;
  readonly idempotency: Idempotency;
  readonly wakeWebhooks: WakeWebhooks;
  readonly webhooks: Webhooks;
  readonly deliveries: Deliveries;
  readonly quotas: Quotas;
  readonly quirks: Quirks;
  /** Milliseconds since 1970. */
  now(): number;
  /** The same as it goes over the wire. */
  timestamp(): string;
}

export interface WorldParts {
  readonly limits: 'off' | 'documented';
  readonly quirks: Quirks;
  readonly ids: IdSource;
  readonly ledgers: Ledgers;
  /** Milliseconds since 1970. */
  now(): number;
}

export function createWorld({ limits, quirks, ids, ledgers, now }: WorldParts): World {
  const codeRules = { livesMs: OTP_LIFETIME_MS, wrongCodesAllowed: OTP_MAX_ATTEMPTS };
  return {
    ids,
    agents: new Agents(ids, ledgers.agents, ledgers.envelopes),
    codes: new OneTimeCodes(ids, codeRules, ledgers.codes),
    conversations: new Conversations(ids, ledgers.conversations, ledgers.memberships),
    messages: new Messages(ledgers.messages),
    contacts: new Contacts(ledgers.contacts),
    blocks: new Blocks(ledgers.blocks),
    reports: new Reports(ledgers.reports),
    complaints: new Complaints(ledgers.complaints, ledgers.restrictions),
    mutes: new Mutes(ledgers.mutes),
    presences: new Presences(ledgers.presences),
    invitations: new Invitations(ids, ledgers.invitations),
    attachments: new Attachments(ids, ledgers.attachments),
    tickets: new Tickets(ids, ledgers.tickets),
    pictures: new Pictures(ledgers.pictures),
    replyClaims: new ReplyClaims(ledgers.replyClaims, ledgers.replySessions),
    idempotency: new Idempotency(ledgers.idempotency),
    wakeWebhooks: new WakeWebhooks(ledgers.wakeWebhooks),
    webhooks: new Webhooks(ids, ledgers.webhooks),
    deliveries: new Deliveries(ledgers.deliveries),
    quotas: createQuotas(limits),
    quirks,
    now,
    timestamp: () => new Date(now()).toISOString(),
  };
}
