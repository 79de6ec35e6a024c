import { ByteWriter } from './byte-writer.js';

/** What a token lets its bearer do in a channel. */
export const RtcPrivilege = { join: 1, publishAudio: 2, publishVideo: 3, publishData: 4 } as const;

const RTM_LOGIN = 1;

/** What a token is good for: the type of the service, its privileges with their seconds, and its own fields. */
export interface TokenService {
  readonly type: number;
  /** Privilege to seconds from the token's issue. */
  readonly privileges: ReadonlyMap<number, number>;
  readonly fields: readonly string[];
}

/** Being in a channel. */
export function rtcService(
  channel: string,
  account: string,
  privileges: ReadonlyMap<number, number>,
): TokenService {
  // The uid 0 means "whichever the channel gives": it travels as an empty text.
  return { type: 1, privileges, fields: [channel, account === '0' ? '' : account] };
}

/** Signing in for messages. */
export function rtmService(account: string, seconds: number): TokenService {
  return { type: 2, privileges: new Map([[RTM_LOGIN, seconds]]), fields: [account] };
}

export function bytesOfService({ type, privileges, fields }: TokenService): Uint8Array {
  const bytes = new ByteWriter().u16(type).u16(privileges.size);
  for (const [privilege, seconds] of [...privileges].sort(([a], [b]) => a - b)) {
    bytes.u16(privilege).u32(seconds);
  }
  for (const field of fields) bytes.text(field);
  return bytes.toBytes();
}
