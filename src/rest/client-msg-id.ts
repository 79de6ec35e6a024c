import { invalid } from '../http/index.js';

interface MaybeCrypto {
  crypto?: {
    randomUUID?: () => string;
    getRandomValues?: (bytes: Uint8Array) => unknown;
  };
}

/** A new `client_msg_id`: a random UUID. */
export function newClientMsgId(): string {
  const { crypto } = globalThis as MaybeCrypto;
  if (typeof crypto?.randomUUID === 'function') return crypto.randomUUID();
  // Browsers offer `randomUUID` on https pages only.
  if (typeof crypto?.getRandomValues === 'function') {
    const bytes = new Uint8Array(16);
    crypto.getRandomValues(bytes);
    return uuidOf(bytes);
  }
  // `Math.random` is no way out: two processes that agree on an id lose a message.
  throw invalid(
    'client_msg_id',
    'this runtime has no secure random numbers: pass a "client_msg_id" of your own',
  );
}

/** Version 4 and variant 1 (RFC 9562), the rest as given. */
function uuidOf(bytes: Uint8Array): string {
  const marked = bytes.map((byte, index) => {
    if (index === 6) return (byte & 0x0f) | 0x40;
    return index === 8 ? (byte & 0x3f) | 0x80 : byte;
  });
  const hex = Array.from(marked, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
