/** Shapes of secrets that may turn up in a text: API keys, webhook secrets, authorization headers. */
const SECRET = /\b(ac_|whsec_)[A-Za-z0-9_-]{6,}|\b(Bearer\s+)[^\s"',;]+/g;
/** Names of fields whose value is a secret, whatever it looks like. */
const SECRET_FIELD = /^(?:authorization|api[_-]?key|token|secret|password|code)$/i;
const HIDDEN = '***';
/** Deeper than this nothing is looked at and nothing is shown. */
const MAX_DEPTH = 6;

/** A text without the secrets that can be told by their shape. */
export function redactText(text: string): string {
  return text.replace(SECRET, (_, prefix?: string, scheme?: string) => `${prefix ?? scheme ?? ''}${HIDDEN}`);
}

/** A copy of a JSON-like value without secrets, safe to print. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '...';
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      typeof item === 'string' && SECRET_FIELD.test(key) ? HIDDEN : redact(item, depth + 1),
    ]),
  );
}
