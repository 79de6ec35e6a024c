import { createHmac, randomInt } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { ByteWriter } from './byte-writer.js';
import { bytesOfService, type TokenService } from './service.js';

const VERSION = '007';
const HIGHEST_SALT = 99_999_999;

/** What goes into a token. */
export interface TokenContents {
  readonly appId: string;
  readonly appCertificate: string;
  /** Seconds from its issue. */
  readonly expire: number;
  readonly services: readonly TokenService[];
  /** Epoch seconds. Default: now. */
  readonly issuedAt?: number | undefined;
  /** 1 to 99,999,999. Default: drawn. */
  readonly salt?: number | undefined;
}

/** The platform's own form of a token, version 007: signed, deflated, in base64. */
export function accessToken(contents: TokenContents): string {
  return VERSION + deflateSync(payloadOf(contents)).toString('base64');
}

function payloadOf(contents: TokenContents): Uint8Array {
  const { appId, appCertificate, expire, services } = contents;
  const { issuedAt = Math.floor(Date.now() / 1000), salt = randomInt(1, HIGHEST_SALT + 1) } = contents;
  const info = new ByteWriter().text(appId).u32(issuedAt).u32(expire).u32(salt).u16(services.length);
  for (const service of [...services].sort((a, b) => a.type - b.type)) info.raw(bytesOfService(service));
  const signed = info.toBytes();
  // The key is made of the certificate, the time and the salt, so that no token helps to sign another.
  const byTime = hmac(new ByteWriter().u32(issuedAt).toBytes(), appCertificate);
  const key = hmac(new ByteWriter().u32(salt).toBytes(), byTime);
  return new ByteWriter().text(hmac(key, signed)).raw(signed).toBytes();
}

function hmac(key: Uint8Array, message: string | Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(message).digest();
}
