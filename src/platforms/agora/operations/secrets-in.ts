/** Fields whose text lets somebody in at a vendor of a model, a voice or a face. */
const SECRET_FIELD = /^(?:.*[_-])?(?:key|secret|token|password)$|^authorization$|encryption_(?:key|salt)/i;
const DEEPEST = 8;

/** The secrets in a body that is sent: a refusal that quotes them shows none. */
export function secretsIn(body: unknown, depth = 0): readonly string[] {
  if (typeof body !== 'object' || body === null || depth > DEEPEST) return [];
  return Object.entries(body).flatMap(([name, value]) =>
    typeof value === 'string' ? (SECRET_FIELD.test(name) ? [value] : []) : secretsIn(value, depth + 1),
  );
}
