import { afterEach, describe, expect, it } from 'vitest';
import { watchPlatformNetwork } from '../../../src/realtime/connection/platform.js';
import { bench, connected } from './support.js';

/** Makes this runtime look like a browser: the global object tells `online` and `offline`. */
class Browser extends EventTarget {
  readonly counts: Record<string, number> = {};

  constructor() {
    super();
    Object.assign(globalThis, {
      addEventListener: (type: string, listener: () => void) => {
        this.counts[type] = (this.counts[type] ?? 0) + 1;
        this.addEventListener(type, listener);
      },
      removeEventListener: (type: string, listener: () => void) => {
        this.counts[type] = (this.counts[type] ?? 0) - 1;
        this.removeEventListener(type, listener);
      },
    });
  }

  tell(type: 'online' | 'offline'): void {
    this.dispatchEvent(new Event(type));
  }

  get listening(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }
}

afterEach(() => {
  for (const name of ['addEventListener', 'removeEventListener']) Reflect.deleteProperty(globalThis, name);
});

describe('the online and offline events of a browser', () => {
  it('are told until nobody listens any more', () => {
    const browser = new Browser();
    const told: boolean[] = [];
    const off = watchPlatformNetwork((online) => told.push(online));
    browser.tell('offline');
    browser.tell('online');
    off();
    browser.tell('online');
    expect(told).toEqual([false, true]);
    expect(browser.listening).toBe(0);
  });

  it('are nothing where there is no such thing', () => {
    expect(watchPlatformNetwork(() => {})).not.toThrow();
  });

  it('RCN-1: online begins the attempt that waits, and the limiter holds', async () => {
    const browser = new Browser();
    const { connection, clock, network } = bench();
    void connection.connect();
    for (let n = 0; n < 50; n += 1) {
      await clock.settle();
      network.sockets.at(-1)?.end();
      browser.tell('online');
    }
    expect(network.sockets).toHaveLength(20);
    expect(network.alive.length).toBeLessThanOrEqual(1);
    await clock.advanceUntil(() => network.sockets.length === 21);
    expect(clock.now()).toBeGreaterThanOrEqual(10_000);
    await connection.close();
  });

  it('LIVE-1: either of them pings a socket that can be pinged', async () => {
    const browser = new Browser();
    const { network } = await connected();
    browser.tell('offline');
    expect(network.last.pings).toBe(1);
    network.last.pong();
    browser.tell('online');
    expect(network.last.pings).toBe(1);
  });

  it('LIVE-1: online has the owner of any other socket told at once', async () => {
    const browser = new Browser();
    const { recorder } = await connected({ canPing: false });
    browser.tell('online');
    expect(recorder.silences).toEqual([1]);
  });

  it('are listened to while there is something to connect, once, and not a moment longer', async () => {
    const browser = new Browser();
    const { connection, clock, network, accept } = bench();
    expect(browser.listening).toBe(0);
    void connection.connect();
    await clock.settle();
    accept();
    expect(browser.listening).toBe(2);
    for (let n = 0; n < 5; n += 1) {
      const before = network.sockets.length;
      network.last.end();
      await clock.advanceUntil(() => network.sockets.length > before);
      accept();
    }
    expect(browser.listening).toBe(2);
    network.last.end({ code: 4403 });
    expect(browser.listening).toBe(0);
    void connection.connect();
    await clock.settle();
    expect(browser.listening).toBe(2);
    await connection.close();
    expect(browser.listening).toBe(0);
  });
});
