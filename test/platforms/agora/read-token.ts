import { inflateSync } from 'node:zlib';

/** A token taken apart, by hand and with nothing of what made it. */
export interface ReadToken {
  readonly signature: string;
  readonly appId: string;
  readonly issuedAt: number;
  readonly expire: number;
  readonly salt: number;
  readonly services: readonly {
    readonly type: number;
    readonly privileges: Readonly<Record<number, number>>;
    readonly fields: readonly string[];
  }[];
}

export function inflatedOf(token: string): Buffer {
  if (!token.startsWith('007')) throw new Error(`not a 007 token: ${token}`);
  return inflateSync(Buffer.from(token.slice(3), 'base64'));
}

export function readToken(token: string): ReadToken {
  const bytes = inflatedOf(token);
  let at = 0;
  const u16 = () => {
    at += 2;
    return bytes.readUInt16LE(at - 2);
  };
  const u32 = () => {
    at += 4;
    return bytes.readUInt32LE(at - 4);
  };
  const text = () => {
    const length = u16();
    at += length;
    return bytes.subarray(at - length, at);
  };
  const signature = text().toString('hex');
  const appId = text().toString();
  const [issuedAt, expire, salt] = [u32(), u32(), u32()];
  const services = Array.from({ length: u16() }, () => {
    const type = u16();
    const privileges = Object.fromEntries(Array.from({ length: u16() }, () => [u16(), u32()]));
    const fields = Array.from({ length: type === 1 ? 2 : 1 }, () => text().toString());
    return { type, privileges, fields };
  });
  if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes too many`);
  return { signature, appId, issuedAt, expire, salt, services };
}
