import { AgentChatClientError, redactText } from '../errors/index.js';
import { EXIT, type ExitCode } from './exit-code.js';

/** A sentence for the person who typed it, and how the command ends. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = EXIT.failed,
  ) {
    super(message);
  }
}

/** What was typed cannot work. The usage line of the command is shown below its sentence. */
export class UsageError extends Failure {
  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

/** What is shown of whatever was thrown, and how the command ends. Never a stack, never a secret. */
export interface Verdict {
  readonly exitCode: ExitCode;
  readonly message: string;
  /** For programs: branch on it. */
  readonly code: string;
  readonly showsUsage: boolean;
}

export function verdictOn(error: unknown): Verdict {
  if (error instanceof Failure) {
    const showsUsage = error instanceof UsageError;
    return { exitCode: error.exitCode, message: error.message, code: CODES[error.exitCode], showsUsage };
  }
  if (error instanceof AgentChatClientError) {
    return {
      exitCode: exitCodeOf(error),
      message: sentence(error.message),
      code: error.code,
      showsUsage: false,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: EXIT.failed, message: sentence(redactText(message)), code: 'FAILED', showsUsage: false };
}

const CODES: Readonly<Record<ExitCode, string>> = {
  0: 'OK',
  1: 'FAILED',
  2: 'USAGE',
  3: 'REFUSED',
  4: 'NETWORK',
};

function exitCodeOf({ code, status, outcome }: AgentChatClientError): ExitCode {
  if (code === 'CONNECTION_ERROR' || code === 'TIMEOUT') return EXIT.network;
  // It has the status that the service would have given, but nobody has asked the service.
  if (outcome === 'not_sent') return EXIT.usage;
  if (status === null) return EXIT.failed;
  if (status >= 500 || status === 408) return EXIT.network;
  return status >= 400 ? EXIT.refused : EXIT.failed;
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?)]$/.test(first) ? first : `${first}.`;
}
