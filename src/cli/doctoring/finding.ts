import type { ExitCode } from '../exit-code.js';

/** What was looked at, and what was found. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** For people. */
  readonly words: string;
  /** How the command ends if this is the first that failed. */
  readonly exitCode?: ExitCode;
}
