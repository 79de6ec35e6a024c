import { type Clock, systemClock } from '../../clock/index.js';
import { checkInteger, checkOptionNames } from '../../http/index.js';
import type { Claim, DedupeStore } from '../dedupe-store.js';

export interface MemoryDedupeStoreOptions {
  /**
   * How long a claim holds that is neither committed, released nor renewed, in milliseconds. Receivers and clients renew
   * theirs for as long as the handler is at work. Default 600,000 (10 minutes).
   */
  leaseMs?: number | undefined;
  /** How long what was handled is remembered, in milliseconds. Default 86,400,000 (a day). */
  rememberMs?: number | undefined;
  /** How many handled keys are remembered; the oldest goes first. Default 100,000. */
  capacity?: number | undefined;
  /** Replaces time. For tests. */
  clock?: Clock | undefined;
}

const MOST = Number.MAX_SAFE_INTEGER;

interface Lease {
  readonly token: string;
  readonly until: number;
}

/**
 * A dedupe store that lives as long as the process.
 *
 * @example
 * const dedupe = new MemoryDedupeStore();
 * app.all('/webhooks', expressReceiver({ secret, dedupe, onEvent }));
 */
export class MemoryDedupeStore implements DedupeStore {
  /** Oldest first. */
  private readonly done = new Map<string, number>();
  private readonly leases = new Map<string, Lease>();
  private readonly leaseMs: number;
  private readonly rememberMs: number;
  private readonly capacity: number;
  private readonly clock: Clock;
  private tokens = 0;

  /** @throws ValidationError that names the option which is no whole number above 0. */
  constructor(options: MemoryDedupeStoreOptions = {}) {
    const { leaseMs, rememberMs, capacity, clock } = options;
    checkOptionNames(options, ['leaseMs', 'rememberMs', 'capacity', 'clock'], 'MemoryDedupeStore option');
    checkInteger(leaseMs, 'leaseMs', 1, MOST);
    checkInteger(rememberMs, 'rememberMs', 1, MOST);
    checkInteger(capacity, 'capacity', 1, MOST);
    this.leaseMs = leaseMs ?? 600_000;
    this.rememberMs = rememberMs ?? 86_400_000;
    this.capacity = capacity ?? 100_000;
    this.clock = clock ?? systemClock;
  }

  /** How many keys it knows, claimed and done. */
  get size(): number {
    return this.done.size + this.leases.size;
  }

  claim(key: string): Promise<Claim> {
    const now = this.clock.now();
    this.forgetDone(now);
    if (this.done.has(key)) return Promise.resolve({ state: 'done' });
    const lease = this.leases.get(key);
    if (lease !== undefined && lease.until > now) return Promise.resolve({ state: 'in_progress' });
    this.tokens += 1;
    const token = String(this.tokens);
    // Newest last, so that the expired ones come first.
    this.leases.delete(key);
    this.leases.set(key, { token, until: now + this.leaseMs });
    this.forgetLeases(now);
    return Promise.resolve({ state: 'claimed', token, leaseMs: this.leaseMs });
  }

  commit(key: string, token: string): Promise<void> {
    const lease = this.leases.get(key);
    // A claim that has expired and that nobody has taken over commits all the same: it is handled.
    const isTakenOver = lease === undefined ? this.done.has(key) : lease.token !== token;
    if (!isTakenOver) {
      const now = this.clock.now();
      this.leases.delete(key);
      this.done.set(key, now + this.rememberMs);
      this.forgetDone(now);
    }
    return Promise.resolve();
  }

  release(key: string, token: string): Promise<void> {
    if (this.leases.get(key)?.token === token) this.leases.delete(key);
    return Promise.resolve();
  }

  renew(key: string, token: string): Promise<void> {
    if (this.leases.get(key)?.token === token) {
      this.leases.delete(key);
      this.leases.set(key, { token, until: this.clock.now() + this.leaseMs });
    }
    return Promise.resolve();
  }

  private forgetDone(now: number): void {
    for (const [key, until] of this.done) {
      if (until > now && this.done.size <= this.capacity) return;
      this.done.delete(key);
    }
  }

  /** A claim whose holder never came back must not be kept for ever. */
  private forgetLeases(now: number): void {
    for (const [key, { until }] of this.leases) {
      if (until > now) return;
      this.leases.delete(key);
    }
  }
}
