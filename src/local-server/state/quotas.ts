import {
  DIRECTORY_RATE_PER_DAY,
  DIRECTORY_RATE_PER_MINUTE,
  GROUP_RATE_PER_SECOND,
  OTP_COOLDOWN_MS,
  OTP_PER_HOUR,
  RECOVERIES_PER_HOUR,
  REGISTRATIONS_PER_HOUR,
  SEND_RATE_PER_SECOND,
  VERIFICATIONS_PER_10_MINUTES,
} from '../../wire/index.js';
import { ColdOutreach } from './cold-outreach.js';
import { RateWindow } from './rate-window.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Agents that one e-mail address may back, at once and ever. The service tunes these; its answers quote them. */
export const AGENTS_PER_ADDRESS = { live: 10, lifetime: 30 } as const;

/** The documented limits, as far as they need a memory of what happened before. */
export interface DocumentedQuotas {
  readonly kind: 'documented';
  /** By network address. */
  readonly registrations: RateWindow;
  readonly verifications: RateWindow;
  readonly recoveries: RateWindow;
  readonly recoveryVerifications: RateWindow;
  /** By e-mail address. */
  readonly codeCooldown: RateWindow;
  readonly codes: RateWindow;
  /** By handle. */
  readonly sends: RateWindow;
  readonly searchesPerMinute: RateWindow;
  readonly searchesPerDay: RateWindow;
  /** By group. */
  readonly groupSends: RateWindow;
  readonly coldOutreach: ColdOutreach;
}

/** Whether the documented limits hold. */
export type Quotas = { readonly kind: 'off' } | DocumentedQuotas;

export function createQuotas(limits: 'off' | 'documented'): Quotas {
  if (limits === 'off') return { kind: 'off' };
  return {
    kind: 'documented',
    registrations: new RateWindow({ limit: REGISTRATIONS_PER_HOUR, windowMs: HOUR_MS }),
    verifications: new RateWindow({ limit: VERIFICATIONS_PER_10_MINUTES, windowMs: 10 * MINUTE_MS }),
    recoveries: new RateWindow({ limit: RECOVERIES_PER_HOUR, windowMs: HOUR_MS }),
    recoveryVerifications: new RateWindow({ limit: VERIFICATIONS_PER_10_MINUTES, windowMs: 10 * MINUTE_MS }),
    codeCooldown: new RateWindow({ limit: 1, windowMs: OTP_COOLDOWN_MS }),
    codes: new RateWindow({ limit: OTP_PER_HOUR, windowMs: HOUR_MS }),
    sends: new RateWindow({ limit: SEND_RATE_PER_SECOND, windowMs: SECOND_MS }),
    groupSends: new RateWindow({ limit: GROUP_RATE_PER_SECOND, windowMs: SECOND_MS }),
    searchesPerMinute: new RateWindow({ limit: DIRECTORY_RATE_PER_MINUTE, windowMs: MINUTE_MS }),
    searchesPerDay: new RateWindow({ limit: DIRECTORY_RATE_PER_DAY, windowMs: DAY_MS }),
    coldOutreach: new ColdOutreach(DAY_MS),
  };
}
