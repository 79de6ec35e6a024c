import { plainOf } from '../keys.js';

/** Where the entries of one agent stand. All have one hash tag, so that a cluster keeps them on one node. */
export class RedisKeys {
  readonly version: string;
  /** All keys, in their order. */
  readonly index: string;
  /** Those that expire, by when. */
  readonly expiring: string;
  readonly channel: string;
  private readonly entries: string;

  constructor(prefix: string, agent: string) {
    const tag = `{${prefix}:${plainOf(agent)}}`;
    this.version = `${tag}:version`;
    this.index = `${tag}:keys`;
    this.expiring = `${tag}:expiring`;
    this.channel = `${tag}:notices`;
    this.entries = `${tag}:e:`;
  }

  entry(key: string): string {
    return this.entries + key;
  }
}
