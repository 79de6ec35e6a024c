import { checkNames, flag, LONGEST_DELAY_MS, numberWithin } from './check.js';

/** How a server is restarted. */
export interface RestartOptions {
  /** How long the port stays closed, in milliseconds; default 0. */
  downMs?: number | undefined;
  /** Sockets are closed with 1012, or (true) destroyed as in a crash; default false. REST calls are always cut. */
  abrupt?: boolean | undefined;
}

/** A restart with every default filled in. */
export interface Restart {
  readonly downMs: number;
  readonly abrupt: boolean;
}

/** @throws ValidationError that names the option. */
export function checkRestart(options: unknown): Restart {
  const given = checkNames(options, ['downMs', 'abrupt'], 'restart');
  return {
    downMs: numberWithin(given.downMs, 'downMs', { from: 0, to: LONGEST_DELAY_MS }, 0),
    abrupt: flag(given.abrupt, 'abrupt', false),
  };
}

/** What goes down and comes back. */
export interface Restartable {
  restart(how: Restart): Promise<void>;
}
