import { checkFilled, checkInteger, checkOptionNames, invalid } from '../../../http/index.js';
import { checkLifetime, LONGEST_LIFETIME_S } from '../token/lifetime.js';
import { checkChannel } from '../token/tokens.js';
import { checkUid } from '../token/uid.js';
import type { OptionCheck } from '../vendors/option-reader.js';

/** Where and with whom an agent speaks. */
export interface SessionOptions {
  /** The RTC channel, 1 to 64 bytes. */
  readonly channel: string;
  /** The agent's own uid, as a string. `'0'`: one is drawn. */
  readonly agentUid: string;
  /** Whom the agent hears: one uid, or `['*']` for whoever is there. */
  readonly remoteUids: readonly string[];
  /** No two sessions that run may have the same. Default: the agent's, else `agent-<unix seconds>`. */
  readonly name?: string | undefined;
  /** The agent's token for the channel. Default: one is made, which needs the client's `appCertificate`. */
  readonly token?: string | undefined;
  /** Seconds after which an agent that nobody talks to leaves. Default: the platform's 30; 0: never. */
  readonly idleTimeout?: number | undefined;
  /** Uids are any strings. Default false: they are numbers, written as strings. */
  readonly enableStringUid?: boolean | undefined;
  /** How long the token lives that is made, in seconds: `expiresInHours(12)`. Default, and most: 86,400. */
  readonly expiresIn?: number | undefined;
}

/** The options, checked and with their defaults. */
export interface SessionPlace {
  readonly channel: string;
  readonly agentUid: string;
  readonly remoteUids: readonly string[];
  readonly name: string | undefined;
  readonly token: string | undefined;
  readonly idleTimeout: number | undefined;
  readonly enableStringUid: boolean | undefined;
  readonly expiresIn: number;
}

const NAMES: { readonly [Name in keyof SessionOptions]-?: true } = {
  channel: true,
  agentUid: true,
  remoteUids: true,
  name: true,
  token: true,
  idleTimeout: true,
  enableStringUid: true,
  expiresIn: true,
};

/** @throws ValidationError that names the option that is wrong. */
export function placeOf(options: SessionOptions): SessionPlace {
  checkOptionNames(options, Object.keys(NAMES), 'createSession() option');
  const { channel, agentUid, remoteUids, name, token, idleTimeout, enableStringUid, expiresIn } = options;
  checkChannel(channel, 'channel');
  const checkOne: OptionCheck = enableStringUid === true ? checkFilled : checkUid;
  checkOne(agentUid, 'agentUid');
  if (!Array.isArray(remoteUids) || remoteUids.length === 0) {
    throw invalid('remoteUids', '"remoteUids" must be an array with the uid that the agent hears, or ["*"]');
  }
  remoteUids.forEach((uid, at) => {
    if (uid !== '*') checkOne(uid, `remoteUids[${at}]`);
  });
  if (name !== undefined) checkFilled(name, 'name');
  if (token !== undefined) checkFilled(token, 'token');
  checkInteger(idleTimeout, 'idleTimeout', 0, Number.MAX_SAFE_INTEGER);
  if (enableStringUid !== undefined && typeof enableStringUid !== 'boolean') {
    throw invalid('enableStringUid', '"enableStringUid" must be true or false');
  }
  const lifetime = expiresIn === undefined ? LONGEST_LIFETIME_S : checkLifetime(expiresIn, 'expiresIn');
  return {
    channel,
    agentUid,
    remoteUids: [...remoteUids],
    name,
    token,
    idleTimeout,
    enableStringUid,
    expiresIn: lifetime,
  };
}
