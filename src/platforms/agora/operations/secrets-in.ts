/** Fields whose text lets somebody in at a vendor of a model, a voice or a face. */
const SECRET_FIELD = /(?:^|[_-])(?:key|secret|token|password)$|^authorization$|encryption_(?:key|salt)/i;
/** Vendors that this package does not know may write their fields so. */
const IN_CAMEL_CASE = /[a-z](?:Key|Secret|Token|Password)$/;
const DEEPEST = 8;

/** The secrets in a body that is sent: a refusal that quotes them shows none. */
export function secretsIn(body: unknown, depth = 0): readonly string[] {
  if (typeof body !== 'object' || body === null || depth > DEEPEST) return [];
  return Object.entries(body).flatMap(([name, value]) => {
    if (typeof value !== 'string') return secretsIn(value, depth + 1);
    return isSecret(name) ? [value] : secretsInUrl(value);
  });
}

/** What of a URL lets somebody in: its password, and such values of its query. As it is written, and as it is read. */
function secretsInUrl(text: string): readonly string[] {
  const written = /^\w+:\/\/[^/?#@]*:([^/?#@]+)@/.exec(text)?.[1];
  const query = text.slice(text.indexOf('?') + 1).split('#')[0] ?? '';
  const pairs = text.includes('://') && text.includes('?') ? query.split('&') : [];
  const values = pairs.flatMap((pair) => {
    const at = pair.indexOf('=');
    return at > 0 && isSecret(pair.slice(0, at)) ? [pair.slice(at + 1)] : [];
  });
  return [...values, ...(written === undefined ? [] : [written])].flatMap((value) => [value, decoded(value)]);
}

function isSecret(name: string): boolean {
  return SECRET_FIELD.test(name) || IN_CAMEL_CASE.test(name);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
