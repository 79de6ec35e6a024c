/** The namespaces of a store. Each role has its own, so that roles share a driver without knowing each other. */
export const KEYS = {
  schema: 'schema',
  cursor: 'c/',
  /** Conversations whose cursors owe something. */
  owing: 'o/',
  claim: 'm/',
  turn: 't/',
  step: 's/',
  /** What a bot keeps of a conversation. */
  session: 'n/',
  value: 'v/',
  /** Who has a partition. */
  lease: 'l/',
  /** Replicas that live. */
  replica: 'r/',
  partitions: 'partitions',
} as const;

/** Beyond it a digest takes the place of the rest. Room for a namespace and two ids in one key. */
const MOST_ID_LENGTH = 400;
/** What stands before the digest, for people who look into the store. */
const KEPT_LENGTH = 300;

/**
 * An id as a part of a key. Ids come from the wire and may hold anything: a NUL, half a surrogate pair, the separator. Whatever is
 * not plain is written as `%` and the four hexadecimal digits of its code unit.
 */
export function plainOf(id: string): string {
  return id.replace(/[^A-Za-z0-9_.:@-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The key of an id in a namespace; a promise of it for an id that is very long. */
export function keyOf(namespace: string, id: string): string | Promise<string> {
  const plain = plainOf(id);
  return plain.length <= MOST_ID_LENGTH ? namespace + plain : digested(namespace, plain);
}

async function digested(namespace: string, plain: string): Promise<string> {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(plain));
  const hex = Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${namespace}${plain.slice(0, KEPT_LENGTH)}~${hex}`;
}
