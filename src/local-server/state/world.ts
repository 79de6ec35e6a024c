import { OTP_LIFETIME_MS, OTP_MAX_ATTEMPTS } from '../../wire/index.js';
import { IdSource } from '../ids.js';
import { Tickets } from '../storage/tickets.js';
import { Agents } from './agents.js';
import { Attachments } from './attachments.js';
import { Blocks } from './blocks.js';
import { Contacts } from './contacts.js';
import { Conversations } from './conversations.js';
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
  readonly quotas: Quotas;
  /** Milliseconds since 1970. */
  now(): number;
  /** The same as it goes over the wire. */
  timestamp(): string;
}

export function createWorld(limits: 'off' | 'documented', now: () => number): World {
  const ids = new IdSource();
  return {
    ids,
    agents: new Agents(ids),
    codes: new OneTimeCodes(ids, { livesMs: OTP_LIFETIME_MS, wrongCodesAllowed: OTP_MAX_ATTEMPTS }),
    conversations: new Conversations(ids),
    messages: new Messages(),
    contacts: new Contacts(),
    blocks: new Blocks(),
    reports: new Reports(),
    mutes: new Mutes(),
    presences: new Presences(),
    invitations: new Invitations(ids),
    attachments: new Attachments(ids),
    tickets: new Tickets(ids),
    pictures: new Pictures(),
    replyClaims: new ReplyClaims(),
    idempotency: new Idempotency(),
    wakeWebhooks: new WakeWebhooks(),
    webhooks: new Webhooks(ids),
    quotas: createQuotas(limits),
    now,
    timestamp: () => new Date(now()).toISOString(),
  };
}
