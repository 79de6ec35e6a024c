import { kindOf, messageOf, PlatformError, type PlatformErrorInit } from '../../shared/platform-error.js';

/** A status that means something else here than elsewhere: 20 agents at once by default. */
const QUOTA = 422;
const MESSAGES = ['detail', 'message', 'error.message', 'error'];
/** Of the platform's answer they say nothing, and a proxy's cookies are nobody's business. */
const UNSHOWN = new Set(['set-cookie', 'set-cookie2', 'www-authenticate']);

/**
 * The platform refused a call, could not be reached, or answered what cannot be read. Branch on `kind` or `statusCode`;
 * `reason` is the platform's own word for it, and new ones may come.
 *
 * @example
 * try {
 *   await session.start();
 * } catch (error) {
 *   if (error instanceof ApiError && error.kind === 'quota') console.log('too many agents run');
 *   else throw error;
 * }
 */
export class ApiError extends PlatformError {
  static override get kind(): string {
    return 'ApiError';
  }

  declare readonly name: 'ApiError';
  /** The HTTP status; `null` when there was no answer. */
  readonly statusCode: number | null;
  /** `TaskNotFound`, `TaskConflict`, ...; `null` where the platform says none. */
  readonly reason: string | null;
  /** Those of the answer; empty without one. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(init: PlatformErrorInit) {
    const { body, status, message, kind, headers } = init;
    const reason = reasonIn(body);
    const words = messageOf(body, MESSAGES, '');
    const said = [reason, words].filter((text) => text !== null && text !== '').join(': ');
    super({
      ...init,
      kind: status === QUOTA && kind === kindOf(QUOTA) ? 'quota' : kind,
      message: said === '' ? message : `${message} (${said})`,
    });
    this.statusCode = this.status;
    this.reason = reason;
    this.headers = headersOf(headers);
  }
}

function reasonIn(body: unknown): string | null {
  const reason =
    typeof body === 'object' && body !== null ? (body as { reason?: unknown }).reason : undefined;
  return typeof reason === 'string' && reason !== '' ? reason : null;
}

function headersOf(headers: Headers | null | undefined): Readonly<Record<string, string>> {
  if (headers === null || headers === undefined) return {};
  return Object.fromEntries([...headers].filter(([name]) => !UNSHOWN.has(name)));
}
