import { checkNames, flag, oneOf } from './check.js';

/** Where the service's documentation leaves something open, or has changed: how this server does it. */
export interface QuirkOptions {
  /** Whether messages carry `context`; default true. Servers from before July 2026 did not send it. */
  messageContext?: boolean | undefined;
  /** Whether a socket that opens gets muted messages as backlog; default false: they are left to sync. */
  mutedBacklog?: boolean | undefined;
  /** What refuses the 101st conversation of a day that nobody has answered; default `'RATE_LIMITED'`. */
  coldCapCode?: ColdCapCode | undefined;
}

const COLD_CAP_CODES = ['RATE_LIMITED', 'COLD_CAP_EXCEEDED', 'COLD_OUTREACH_CAP_EXCEEDED'] as const;

/** Codes that sources of the contract give to one refusal. */
export type ColdCapCode = (typeof COLD_CAP_CODES)[number];

/** The same with every default filled in. */
export interface Quirks {
  readonly messageContext: boolean;
  readonly mutedBacklog: boolean;
  readonly coldCapCode: ColdCapCode;
}

/** @throws ValidationError that names the option. */
export function checkQuirks(value: unknown = {}): Quirks {
  const given = checkNames(value, ['messageContext', 'mutedBacklog', 'coldCapCode'], 'quirks');
  return {
    messageContext: flag(given.messageContext, 'messageContext', true),
    mutedBacklog: flag(given.mutedBacklog, 'mutedBacklog', false),
    coldCapCode: oneOf(given.coldCapCode, 'coldCapCode', COLD_CAP_CODES) ?? 'RATE_LIMITED',
  };
}
