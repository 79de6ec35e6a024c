import type { IncomingMessage } from 'node:http';

/** What a request says about who sends it. */
export type Credentials = { readonly kind: 'none' } | { readonly kind: 'key'; readonly apiKey: string };

/** Reads `Authorization: Bearer <key>`. Any other scheme carries an empty key, which is nobody's. */
export function credentialsOf(request: IncomingMessage): Credentials {
  const header = request.headers.authorization;
  if (header === undefined) return { kind: 'none' };
  return { kind: 'key', apiKey: /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? '' };
}
