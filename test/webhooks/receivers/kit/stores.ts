import {
  type Claim,
  type DedupeStore,
  MemoryDedupeStore,
  type MemoryDedupeStoreOptions,
} from '../../../../src/stores/index.js';

type Method = keyof DedupeStore;

/** A dedupe store that writes down what it is asked, and fails where it is told to. */
export class TestStore implements DedupeStore {
  readonly asked: string[] = [];
  private readonly memory: MemoryDedupeStore;
  private before: () => Promise<void> = () => Promise.resolve();
  private readonly faults = new Map<Method, () => Promise<never>>();

  constructor(options: MemoryDedupeStoreOptions = {}) {
    this.memory = new MemoryDedupeStore(options);
  }

  /** Rejects from now on. */
  failAt(method: Method): void {
    this.faults.set(method, async () => {
      throw new Error('the store is down');
    });
  }

  /** Throws rather than to reject. */
  throwAt(method: Method): void {
    this.faults.set(method, () => {
      throw Object.create(null);
    });
  }

  /** Says nothing from now on. Resolves when it is asked. */
  hangAt(method: Method): Promise<void> {
    return new Promise((resolve) => {
      this.faults.set(method, () => {
        resolve();
        return new Promise(() => undefined);
      });
    });
  }

  /** Answers a claim only when it is let. Resolves when it is asked. */
  delayClaimsUntil(opened: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      this.before = () => {
        resolve();
        return opened;
      };
    });
  }

  /** Works again. */
  mend(): void {
    this.faults.clear();
  }

  /** What became of a message: claims it for a look. */
  async stateOf(messageId: string): Promise<Claim['state']> {
    const key = `message.new:${messageId}`;
    const claim = await this.memory.claim(key);
    if (claim.state === 'claimed') await this.memory.release(key, claim.token);
    return claim.state;
  }

  async claim(key: string): Promise<Claim> {
    await this.before();
    return this.ask('claim', () => this.memory.claim(key));
  }

  commit(key: string, token: string): Promise<void> {
    return this.ask('commit', () => this.memory.commit(key, token));
  }

  release(key: string, token: string): Promise<void> {
    return this.ask('release', () => this.memory.release(key, token));
  }

  renew(key: string, token: string): Promise<void> {
    return this.ask('renew', () => this.memory.renew(key, token));
  }

  private ask<T>(method: Method, work: () => Promise<T>): Promise<T> {
    this.asked.push(method);
    const fault = this.faults.get(method);
    return fault === undefined ? work() : fault();
  }
}
