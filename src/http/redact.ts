const MASK = '***';
/** A cause is followed this deep, and over this many values; what lies beyond is not shown. */
const DEEPEST_CAUSE = 6;
const WIDEST_CAUSE = 2_000;
/** Below this length a "key" is a placeholder of a test, and masking it would eat ordinary words. */
const SHORTEST_SECRET = 6;

/** Headers that let in whoever has them; a proxy in between may want one of its own. */
const SECRET_HEADERS: ReadonlySet<string> = new Set(['proxy-authorization', 'cookie', 'x-api-key']);

/** A copy of the headers for eyes other than the server's: the key, and what else lets somebody in, is masked. */
export function redactHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const copy: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (lower === 'authorization') copy[name] = `Bearer ${MASK}`;
    else copy[name] = SECRET_HEADERS.has(lower) ? MASK : value;
  }
  return copy;
}

/** `text` with every occurrence of `secret` masked. */
export function redactText(text: string, secret: string | undefined): string {
  if (secret === undefined || secret.length < SHORTEST_SECRET || !text.includes(secret)) return text;
  return text.split(secret).join(MASK);
}

/**
 * `cause`, or, when the secret can be read off it anywhere (a fetch replacement may hang its whole configuration, headers
 * and all, on the error that it throws), an error that says the same without it.
 */
export function redactCause(cause: unknown, secret: string | undefined): unknown {
  if (secret === undefined || secret.length < SHORTEST_SECRET) return cause;
  if (typeof cause === 'string') return redactText(cause, secret);
  if (!reveals(cause, secret, DEEPEST_CAUSE, new Set())) return cause;
  const { name, message, code } = describe(cause);
  const safe = new Error(redactText(message, secret));
  safe.name = redactText(name, secret);
  safe.stack = `${safe.name}: ${safe.message}`;
  if (code !== undefined) Object.assign(safe, { code: redactText(code, secret) });
  return safe;
}

/** Whether the secret is readable from `value` within `depth` steps. Something too deep or odd to read counts as yes. */
function reveals(value: unknown, secret: string, depth: number, seen: Set<unknown>): boolean {
  if (typeof value === 'string') return value.includes(secret);
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  if (seen.has(value)) return false;
  seen.add(value);
  if (depth === 0 || seen.size > WIDEST_CAUSE) return true;
  try {
    if (value instanceof Map || value instanceof Set) {
      for (const entry of value) if (reveals(entry, secret, depth - 1, seen)) return true;
    }
    if (typeof Headers !== 'undefined' && value instanceof Headers) {
      for (const entry of value) if (reveals(entry, secret, depth - 1, seen)) return true;
    }
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
      // Getters are not run, except an error's `stack`, which some runtimes define as one.
      const held = key === 'stack' ? Reflect.get(value, key) : descriptor?.value;
      if (reveals(key, secret, depth - 1, seen) || reveals(held, secret, depth - 1, seen)) return true;
    }
    return false;
  } catch {
    return true;
  }
}

function describe(cause: unknown): { name: string; message: string; code: string | undefined } {
  try {
    const { name, message, code } = cause as { name?: unknown; message?: unknown; code?: unknown };
    return {
      name: typeof name === 'string' ? name : 'Error',
      message: typeof message === 'string' ? message : 'the cause is not shown because it held the API key',
      code: typeof code === 'string' ? code : undefined,
    };
  } catch {
    return { name: 'Error', message: 'the cause could not be read', code: undefined };
  }
}
