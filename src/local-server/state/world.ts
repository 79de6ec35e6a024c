import { OTP_LIFETIME_MS, OTP_MAX_ATTEMPTS } from '../../wire/index.js';
import { IdSource } from '../ids.js';
import { Agents } from './agents.js';
import { Contacts } from './contacts.js';
import { Conversations } from './conversations.js';
import { Messages } from './messages.js';
import { Mutes } from './mutes.js';
import { createQuotas, type Quotas } from './quotas.js';
import { Registrations } from './registrations.js';
import { Webhooks } from './webhooks.js';

/** Everything that the server remembers. It outlives restarts and ends with the process. */
export interface World {
  readonly ids: IdSource;
  readonly agents: Agents;
  readonly registrations: Registrations;
  readonly conversations: Conversations;
  readonly messages: Messages;
  readonly contacts: Contacts;
  readonly mutes: Mutes;
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
    registrations: new Registrations(ids, { livesMs: OTP_LIFETIME_MS, wrongCodesAllowed: OTP_MAX_ATTEMPTS }),
    conversations: new Conversations(ids),
    messages: new Messages(),
    contacts: new Contacts(),
    mutes: new Mutes(),
    webhooks: new Webhooks(ids),
    quotas: createQuotas(limits),
    now,
    timestamp: () => new Date(now()).toISOString(),
  };
}
