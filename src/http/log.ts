import type { AgentChatClientError } from '../errors/index.js';
import { readEnvironment } from './environment.js';
import type { ErrorInfo, RequestInfo, ResponseInfo, RetryInfo } from './hooks.js';

/** Read once by each transport: our name for it, which wins, and that of the official tools. */
const LOG_VARIABLES = ['AGENTCHAT_LOG', 'AGENTCHAT_LOG_LEVEL'] as const;
/** From few lines to many; each level has those of the ones before it. */
const LEVELS = ['off', 'error', 'warn', 'info', 'debug'] as const;
type Level = (typeof LEVELS)[number];
/** Levels that other tools have, and what they come to here. */
const OTHER_LEVELS: ReadonlyMap<string, Level> = /* @__PURE__ */ new Map<string, Level>([
  ['silent', 'off'],
  ['fatal', 'error'],
  ['trace', 'debug'],
]);

/** Where lines go: `console.error`, so that what a program prints stays clean. */
type Write = (line: string) => void;

interface MaybeConsole {
  console?: { error?: (line: string) => void };
}

/**
 * What the transport writes down when the variable `AGENTCHAT_LOG` (or `AGENTCHAT_LOG_LEVEL`) asks for it: `error` the calls that failed, `warn` also
 * what is repeated, `info` also each answer, `debug` also each request with its headers. Never a key, never a body.
 */
export class TransportLog {
  readonly #level: number;
  readonly #write: Write;

  constructor(level: Level, write: Write) {
    this.#level = LEVELS.indexOf(level);
    this.#write = write;
  }

  request({ method, url, attempt, headers }: RequestInfo): void {
    if (!this.#has('debug')) return;
    const shown = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    this.#line('debug', `${method} ${url} (attempt ${attempt}) ${shown.join('; ')}`);
  }

  response({ method, url, attempt, status, durationMs, requestId }: ResponseInfo): void {
    if (!this.#has('info')) return;
    const request = requestId === null ? '' : `, request ${requestId}`;
    this.#line(
      'info',
      `${method} ${url} -> ${status} in ${Math.round(durationMs)} ms (attempt ${attempt}${request})`,
    );
  }

  /** An attempt that failed. What becomes of the call is another line. */
  attemptFailed({ method, url, attempt, durationMs, error }: ErrorInfo): void {
    if (!this.#has('info')) return;
    this.#line(
      'info',
      `${method} ${url} failed after ${Math.round(durationMs)} ms (attempt ${attempt}): ${error.message}`,
    );
  }

  retry({ method, url, attempt, delayMs, error }: RetryInfo): void {
    if (!this.#has('warn')) return;
    this.#line(
      'warn',
      `${method} ${url} is repeated in ${Math.round(delayMs)} ms (attempt ${attempt}: ${error?.message})`,
    );
  }

  /** RATE-1: a call that is new waits because others were refused. */
  waits(label: string, waitMs: number): void {
    if (!this.#has('info')) return;
    this.#line(
      'info',
      `${label} waits for ${Math.ceil(waitMs)} ms at least: the service has asked this client to slow down`,
    );
  }

  callFailed(label: string, { code, status, requestId, message }: AgentChatClientError): void {
    const facts = [code, status, requestId].filter((fact) => fact !== null);
    this.#line('error', `${label} failed (${facts.join(', ')}): ${message}`);
  }

  #has(level: Level): boolean {
    return this.#level >= LEVELS.indexOf(level);
  }

  #line(level: Level, text: string): void {
    this.#write(lineOf(level, text));
  }
}

/** The log that the environment asks for; `undefined` for none. A level that there is not is told, and is none. */
export function logOfEnvironment(): TransportLog | undefined {
  const variable = LOG_VARIABLES.find((name) => readEnvironment(name) !== undefined);
  if (variable === undefined) return undefined;
  const asked = readEnvironment(variable)?.trim().toLowerCase() ?? '';
  const level = LEVELS.find((known) => known === asked) ?? OTHER_LEVELS.get(asked);
  if (level === undefined) toConsole(lineOf('error', `${variable} must be one of ${LEVELS.join(', ')}`));
  return level === undefined || level === 'off' ? undefined : new TransportLog(level, toConsole);
}

/** One line, and nothing that a terminal would obey, whatever the other side put into a message. */
function lineOf(level: Level, text: string): string {
  return `agentchat-client ${level}: ${text.replace(/[^ -~\u00a0-\u2027\u202a-\uffff]+/g, ' ')}`;
}

function toConsole(line: string): void {
  try {
    (globalThis as MaybeConsole).console?.error?.(line);
  } catch {
    // A console that throws is no reason to fail a request.
  }
}
