const MASK = '***';
/** A cause is followed this deep, and over this many values; what lies beyond is not shown. */
const DEEPEST_CAUSE = 6;
const WIDEST_CAUSE = 2_000;
/** Below this length a "key" is a placeholder of a test, and masking it would eat ordinary words. */
const SHORTEST_SECRET = 6;

/** What JSON has one spelling for: a key of the service, for instance. This is asked for on each call. */
const WRITTEN_ONE_WAY = /^[\w.~+=-]*$/;

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

/** What of these must be masked: one that is too short is no secret. Longer ones first, they may hold others. */
export function secretsAmong(texts: readonly string[]): readonly string[] {
  const secrets = texts.filter(({ length }) => length >= SHORTEST_SECRET).flatMap(asWritten);
  return [...new Set(secrets)].sort((a, b) => b.length - a.length);
}

/** A secret as it is, and as JSON may hold it: some servers escape slashes, and some what means something in HTML. */
function asWritten(secret: string): readonly string[] {
  if (WRITTEN_ONE_WAY.test(secret)) return [secret];
  const inJson = JSON.stringify(secret).slice(1, -1);
  return [secret, inJson, inJson.replaceAll('/', '\\/'), inJson.replaceAll('&', '\\u0026')];
}

/**
 * What a signed URL lets somebody in with: its query, and each value in it, as it is written and as it is read. Storages
 * quote them in their refusals.
 */
export function secretsOfQuery(search: string): readonly string[] {
  if (search.length < 2) return [];
  const query = search.slice(1);
  const written = query.split('&').map((pair) => pair.slice(pair.indexOf('=') + 1));
  return secretsAmong([query, ...written, ...new URLSearchParams(query).values()]);
}

/** `text` with every occurrence of the secrets masked. */
export function redactText(text: string, secrets: readonly string[]): string {
  let shown = text;
  for (const secret of secrets) if (shown.includes(secret)) shown = shown.split(secret).join(MASK);
  return shown;
}

/**
 * `cause`, or, when a secret can be read off it anywhere (a fetch replacement may hang its whole configuration, headers
 * and all, on the error that it throws), an error that says the same without it.
 */
export function redactCause(cause: unknown, secrets: readonly string[]): unknown {
  if (secrets.length === 0) return cause;
  if (typeof cause === 'string') return redactText(cause, secrets);
  if (!reveals(cause, secrets, DEEPEST_CAUSE, new Set())) return cause;
  const { name, message, code } = describe(cause);
  const safe = new Error(redactText(message, secrets));
  safe.name = redactText(name, secrets);
  safe.stack = `${safe.name}: ${safe.message}`;
  if (code !== undefined) Object.assign(safe, { code: redactText(code, secrets) });
  return safe;
}

/** Whether a secret is readable from `value` within `depth` steps. Something too deep or odd to read counts as yes. */
function reveals(value: unknown, secrets: readonly string[], depth: number, seen: Set<unknown>): boolean {
  if (typeof value === 'string') return secrets.some((secret) => value.includes(secret));
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  if (seen.has(value)) return false;
  seen.add(value);
  if (depth === 0 || seen.size > WIDEST_CAUSE) return true;
  try {
    if (value instanceof Map || value instanceof Set) {
      for (const entry of value) if (reveals(entry, secrets, depth - 1, seen)) return true;
    }
    if (typeof Headers !== 'undefined' && value instanceof Headers) {
      for (const entry of value) if (reveals(entry, secrets, depth - 1, seen)) return true;
    }
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(value, key);
      // Getters are not run, except an error's `stack`, which some runtimes define as one.
      const held = key === 'stack' ? Reflect.get(value, key) : descriptor?.value;
      if (reveals(key, secrets, depth - 1, seen) || reveals(held, secrets, depth - 1, seen)) return true;
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
