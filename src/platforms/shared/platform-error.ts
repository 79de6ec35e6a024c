import { AgentChatClientError, type AgentChatClientErrorInit, type Outcome } from '../../errors/index.js';

export type PlatformName = 'phoson' | 'sonzai' | 'somia' | 'agora';

/**
 * What went wrong, in one word for all platforms.
 * - `bad_request`: the platform does not understand the call.
 * - `auth`: the key or token was refused.
 * - `permission`: the key is good, and may not do this.
 * - `not_found`: what the call names does not exist, or not any more.
 * - `conflict`: it exists already, or is busy.
 * - `validation`: a field is wrong.
 * - `rate_limit`: too many calls; `retryAfterMs` says how long to wait, if the platform does.
 * - `quota`: the account has used up what it has.
 * - `unavailable`: overloaded or restarting; passes.
 * - `server`: the platform failed.
 * - `network`: it could not be reached, or the connection broke before the answer was complete.
 * - `timeout`: no answer in time.
 * - `interrupted`: a stream broke off before its end.
 * - `protocol`: the answer cannot be read: not the platform, or not as we know it.
 */
export type PlatformErrorKind =
  | 'bad_request'
  | 'auth'
  | 'permission'
  | 'not_found'
  | 'conflict'
  | 'validation'
  | 'rate_limit'
  | 'quota'
  | 'unavailable'
  | 'server'
  | 'network'
  | 'timeout'
  | 'interrupted'
  | 'protocol';

/** What an error of a platform can be told. */
export interface PlatformErrorInit {
  platform: PlatformName;
  kind: PlatformErrorKind;
  message: string;
  /** The HTTP status, if there was an answer. */
  status?: number | null | undefined;
  /** What the platform answered: JSON or text, bounded, secrets blanked out. */
  body?: unknown;
  /** Those of the answer, for a class that keeps some. The error does not hold them. */
  headers?: Headers | null | undefined;
  requestId?: string | null | undefined;
  retryAfterMs?: number | null | undefined;
  /** Default: what the kind says. */
  retryable?: boolean | undefined;
  /** Default: told from the status. */
  outcome?: Outcome | undefined;
  cause?: unknown;
}

/** Kinds of failures that pass: the same call may succeed later. */
const PASSING: ReadonlySet<PlatformErrorKind> = /* @__PURE__ */ new Set<PlatformErrorKind>([
  'rate_limit',
  'unavailable',
  'server',
  'network',
  'timeout',
  'interrupted',
]);

/**
 * An agent platform refused a call, could not be reached, or broke off. Each platform throws a class of its own, with the
 * names of its own SDK; all of them are this one too. Branch on `kind`; the message is for people.
 *
 * Besides it a call throws `ValidationError` for what cannot be sent, and `AbortedError` when you called it off.
 *
 * @example
 * try {
 *   await client.agents.list();
 * } catch (error) {
 *   if (error instanceof PlatformError && error.kind === 'rate_limit') console.log('wait', error.retryAfterMs, 'ms');
 *   else throw error;
 * }
 */
export class PlatformError extends AgentChatClientError {
  static override get kind(): string {
    return 'PlatformError';
  }

  readonly platform: PlatformName;
  readonly kind: PlatformErrorKind;
  /** What the platform answered: JSON or text; `undefined` without an answer. Secrets are blanked out. */
  readonly body: unknown;

  constructor({ platform, kind, body, headers: _, ...init }: PlatformErrorInit) {
    const facts: AgentChatClientErrorInit = { ...init, code: 'PLATFORM_FAILED' };
    super({ ...facts, retryable: init.retryable ?? PASSING.has(kind) });
    this.platform = platform;
    this.kind = kind;
    this.body = body;
  }
}

const KINDS: Readonly<Record<number, PlatformErrorKind>> = {
  401: 'auth',
  402: 'quota',
  403: 'permission',
  404: 'not_found',
  408: 'timeout',
  409: 'conflict',
  410: 'not_found',
  422: 'validation',
  425: 'unavailable',
  429: 'rate_limit',
  502: 'unavailable',
  503: 'unavailable',
  504: 'timeout',
  529: 'unavailable',
};

/** The kind of a refusal by its status. Of statuses that have no meaning of their own, 4xx are `bad_request`, 5xx `server`. */
export function kindOf(status: number): PlatformErrorKind {
  return KINDS[status] ?? (status >= 500 ? 'server' : status >= 400 ? 'bad_request' : 'protocol');
}

/** A message is cut beyond so many characters. */
const LONGEST_MESSAGE = 500;

/**
 * The words of a refusal: the first of the candidates that is a text, then the body itself where it is one.
 *
 * @param candidates Paths into the body, such as `detail` or `error.message`, the best first.
 * @param fallback Used when nothing is found.
 */
export function messageOf(body: unknown, candidates: readonly string[], fallback: string): string {
  const found = candidates.map((path) => at(body, path)).find(isWords);
  // A page of a proxy's is no message.
  const text = found ?? (isWords(body) && !body.trimStart().startsWith('<') ? body : fallback);
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}...` : line;
}

function isWords(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

function at(body: unknown, path: string): unknown {
  let value = body;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}
