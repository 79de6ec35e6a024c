import type { Claim, DedupeStore } from '../dedupe-store.js';
import type { StoreDriver } from '../driver.js';
import { KEYS, keyOf } from '../keys.js';
import { parsed } from './json.js';

export interface ClaimOptions {
  /**
   * How long a claim holds that is neither committed, released nor renewed, in milliseconds. Clients and receivers renew
   * theirs for as long as the handler is at work. Default 10,000.
   */
  leaseMs?: number | undefined;
  /** How long what was handled is remembered, in milliseconds. Default 86,400,000 (a day). */
  rememberMs?: number | undefined;
}

/** Entries that are looked through in one go. */
const PAGE = 500;

const DONE = JSON.stringify({ state: 'done' });

/** What is being handled and what was, on any engine. A claim's token is the version of its entry. */
export class DriverClaims implements DedupeStore {
  private readonly leaseMs: number;
  private readonly rememberMs: number;
  private readonly claimed: string;

  /** @param life Which life of the bot claims: an embedded store frees the claims of earlier ones. */
  constructor(
    private readonly driver: StoreDriver,
    life: string,
    { leaseMs = 10_000, rememberMs = 86_400_000 }: ClaimOptions = {},
  ) {
    this.leaseMs = leaseMs;
    this.rememberMs = rememberMs;
    this.claimed = JSON.stringify({ state: 'claimed', life });
  }

  async claim(key: string): Promise<Claim> {
    const { driver, leaseMs } = this;
    const at = await keyOf(KEYS.claim, key);
    const put = { do: 'put', key: at, text: this.claimed, ifVersion: null, expiresInMs: leaseMs } as const;
    const version = await driver.write([put]);
    if (version !== null) return { state: 'claimed', token: String(version), leaseMs };
    const [entry] = await driver.get([at]);
    // One that has expired since is somebody else's a moment ago; whoever asks again gets it.
    if (entry == null) return { state: 'in_progress' };
    return { state: this.isDone(at, entry.text) ? 'done' : 'in_progress' };
  }

  async commit(key: string, token: string): Promise<void> {
    const at = await keyOf(KEYS.claim, key);
    const done = { do: 'put', key: at, text: DONE, expiresInMs: this.rememberMs } as const;
    const version = await this.driver.write([{ ...done, ifVersion: Number(token) }]);
    // A claim that has expired and that nobody has taken over commits all the same: it is handled.
    if (version === null) await this.driver.write([{ ...done, ifVersion: null }]);
  }

  async release(key: string, token: string): Promise<void> {
    const at = await keyOf(KEYS.claim, key);
    await this.driver.write([{ do: 'delete', key: at, ifVersion: Number(token) }]);
  }

  async renew(key: string, token: string): Promise<void> {
    const at = await keyOf(KEYS.claim, key);
    const { leaseMs: expiresInMs } = this;
    await this.driver.write([{ do: 'extend', key: at, ifVersion: Number(token), expiresInMs }]);
  }

  /** Frees what earlier lives had claimed and not finished. Only for an engine that one process has to itself. */
  async freeEarlier(): Promise<void> {
    let after: string | null = null;
    for (;;) {
      const entries = await this.driver.list(KEYS.claim, after, PAGE);
      const stale = entries.filter(({ key, text }) => text !== this.claimed && !this.isDone(key, text));
      if (stale.length > 0) await this.driver.write(stale.map(({ key }) => ({ do: 'delete', key })));
      after = entries.at(-1)?.key ?? null;
      if (entries.length < PAGE) return;
    }
  }

  private isDone(key: string, text: string): boolean {
    const stored = parsed(this.driver.engine, key, text) as { readonly state?: unknown } | null;
    return stored?.state === 'done';
  }
}
