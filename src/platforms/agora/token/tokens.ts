import { checkFilled, checkInteger, checkOptionNames, invalid } from '../../../http/index.js';
import { accessToken } from './access-token.js';
import { checkAppCertificate, checkAppId } from './credentials.js';
import { checkLifetime, LONGEST_LIFETIME_S } from './lifetime.js';
import { RtcPrivilege, rtcService, rtmService, type TokenService } from './service.js';
import { HIGHEST_UID } from './uid.js';

/** Who may do what with an RTC token. A subscriber hears; a publisher speaks, too. */
export const RtcRole = { publisher: 'publisher', subscriber: 'subscriber' } as const;
export type RtcRole = (typeof RtcRole)[keyof typeof RtcRole];

/** What every token needs. */
export interface TokenOptions {
  /** 32 hex digits. */
  readonly appId: string;
  /** 32 hex digits. It signs the token and is not in it. */
  readonly appCertificate: string;
  /** 1 to 64 bytes. */
  readonly channelName: string;
  /** How long the token lives, in seconds. Default 86,400, which is the most. */
  readonly tokenExpire?: number | undefined;
  /** How long its privileges last, in seconds from its issue. Default, and for 0: as long as the token. */
  readonly privilegeExpire?: number | undefined;
}

/** Options of {@link generateConvoAiToken}. */
export interface ConvoAiTokenOptions extends TokenOptions {
  /** The uid of who joins, as a string; `'0'` for any. */
  readonly account: string;
}

/** Options of {@link generateRtcToken}. */
export interface RtcTokenOptions extends TokenOptions {
  /** Who joins: a number up to 32 bits, or a string; 0 for any. */
  readonly uid: number | string;
  /** Default `'publisher'`. */
  readonly role?: RtcRole | undefined;
}

const COMMON = ['appId', 'appCertificate', 'channelName', 'tokenExpire', 'privilegeExpire'];
const MOST_CHANNEL_BYTES = 64;
/** A token holds the length of a text in 16 bits: a longer one would spoil it. */
const MOST_UID_BYTES = 65_535;

/**
 * Makes a token for a conversational agent: it joins and publishes in the channel, and signs in for messages.
 *
 * @throws ValidationError that names the option that is wrong.
 * @example
 * const token = generateConvoAiToken({ appId, appCertificate, channelName: 'support-room-123', account: '1' });
 */
export function generateConvoAiToken(options: ConvoAiTokenOptions): string {
  checkOptionNames(options, [...COMMON, 'account'], 'generateConvoAiToken() option');
  const { account, channelName: channel } = options;
  checkTextUid(account, 'account');
  const { expire, privilegeExpire } = lifetimesOf(options);
  const services = [
    rtcService(channel, account, new Map(Object.values(RtcPrivilege).map((it) => [it, privilegeExpire]))),
    rtmService(account, expire),
  ];
  return sign(options, expire, services);
}

/**
 * Makes a token for a person, or anything else, that joins the channel.
 *
 * @throws ValidationError that names the option that is wrong.
 * @example
 * const token = generateRtcToken({ appId, appCertificate, channelName: 'support', uid: 100, tokenExpire: expiresInMinutes(30) });
 */
export function generateRtcToken(options: RtcTokenOptions): string {
  checkOptionNames(options, [...COMMON, 'uid', 'role'], 'generateRtcToken() option');
  const { uid, role = RtcRole.publisher, channelName: channel } = options;
  if (typeof uid === 'string') checkTextUid(uid, 'uid');
  else checkInteger(uid ?? Number.NaN, 'uid', 0, HIGHEST_UID);
  if (!Object.values(RtcRole).includes(role)) {
    throw invalid('role', '"role" must be "publisher" or "subscriber"');
  }
  const { expire, privilegeExpire } = lifetimesOf(options);
  const granted = role === RtcRole.subscriber ? [RtcPrivilege.join] : Object.values(RtcPrivilege);
  const service = rtcService(channel, String(uid), new Map(granted.map((it) => [it, privilegeExpire])));
  return sign(options, expire, [service]);
}

function checkTextUid(uid: unknown, field: string): void {
  checkFilled(uid, field);
  if (new TextEncoder().encode(uid).length > MOST_UID_BYTES) {
    throw invalid(field, `"${field}" may have ${MOST_UID_BYTES} bytes at most`);
  }
}

function lifetimesOf({ tokenExpire = LONGEST_LIFETIME_S, privilegeExpire = 0 }: TokenOptions) {
  const expire = checkLifetime(tokenExpire, 'tokenExpire');
  return {
    expire,
    privilegeExpire: privilegeExpire === 0 ? expire : checkLifetime(privilegeExpire, 'privilegeExpire'),
  };
}

function sign(
  { appId, appCertificate, channelName }: TokenOptions,
  expire: number,
  services: readonly TokenService[],
): string {
  checkAppId(appId);
  checkAppCertificate(appCertificate);
  checkChannel(channelName, 'channelName');
  return accessToken({ appId, appCertificate, expire, services });
}

/** @throws ValidationError when a channel cannot have that name. */
export function checkChannel(channel: unknown, field: string): asserts channel is string {
  checkFilled(channel, field);
  if (new TextEncoder().encode(channel).length > MOST_CHANNEL_BYTES) {
    throw invalid(field, `"${field}" may have ${MOST_CHANNEL_BYTES} bytes at most`);
  }
}
