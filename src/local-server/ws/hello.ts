import { ACK_CAPABILITY } from '../../wire/index.js';
import { parseClientFrame } from './client-frames.js';

/** What became of a connection's first frame. */
export type Hello =
  | { readonly kind: 'hello'; readonly apiKey: string; readonly offersAck: boolean }
  | { readonly kind: 'not_hello' };

/**
 * Reads the first frame of a connection. The key travels as `api_key`, or as `token`, which is what the service's
 * documentation calls it. A hello without either carries an empty key, which is nobody's.
 */
export function readHello(text: string | undefined): Hello {
  const frame = parseClientFrame(text);
  if (frame?.type !== 'hello') return { kind: 'not_hello' };
  const key = frame.api_key ?? frame.token;
  return {
    kind: 'hello',
    apiKey: typeof key === 'string' ? key : '',
    offersAck: Array.isArray(frame.capabilities) && frame.capabilities.includes(ACK_CAPABILITY),
  };
}

/** Reads the capabilities that a client offers in the upgrade header: names between commas. */
export function offersAckInHeader(header: string | string[] | undefined): boolean {
  const names = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',');
  return names.some((name) => name.trim().toLowerCase() === ACK_CAPABILITY);
}
