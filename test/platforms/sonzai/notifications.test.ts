import { MemoryDedupeStore, memoryStore } from 'agentchat-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NotFoundError } from '../../../src/errors/index.js';
import {
  type NotificationSend,
  Sonzai,
  SonzaiNotifications,
  type SonzaiNotificationsOptions,
} from '../../../src/platforms/sonzai/index.js';
import type { DedupeStore } from '../../../src/stores/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { eventually } from './eventually.js';
import { SonzaiStandIn } from './stand-in.js';

describe('the notifications of Sonzai', () => {
  let platform: SonzaiStandIn;
  let client: Sonzai;
  let clock: VirtualClock;
  let sent: { to: string; text: string; key: string }[];
  let errors: unknown[];
  const running: SonzaiNotifications[] = [];
  beforeEach(async () => {
    platform = await SonzaiStandIn.start();
    client = new Sonzai({ apiKey: 'sk-1', baseUrl: platform.url, maxRetries: 0 });
    clock = new VirtualClock();
    sent = [];
    errors = [];
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((notifications) => notifications.stop()));
    expect(clock.pendingTimers).toBe(0);
    await platform.close();
  });

  function deliverer(options: Partial<SonzaiNotificationsOptions> = {}): SonzaiNotifications {
    const notifications = new SonzaiNotifications({
      client,
      agentId: 'luna',
      store: memoryStore(),
      send: note,
      onError: (error) => void errors.push(error),
      clock,
      ...options,
    });
    running.push(notifications);
    return notifications;
  }

  const note = async (to: string, text: string, { key }: NotificationSend) =>
    void sent.push({ to, text, key });
  const looks = () => platform.requests.filter(({ method }) => method === 'GET').length;
  const consumed = () => platform.requests.flatMap(({ path }) => path.match(/\/(\w+)\/consume$/)?.[1] ?? []);

  /** Waits until a look, and all that follows from it, is over. */
  async function untilLook(number: number): Promise<void> {
    await eventually(() => looks()).toBe(number);
    // Timers of claims are nearer.
    await eventually(() => (clock.nextTimerAt ?? 0) - clock.now()).toBeGreaterThanOrEqual(30_000);
  }

  it('are sent oldest first, to whom they are for, and consumed, each once', async () => {
    platform.notify('alice', 'How was your day?');
    platform.notify('bob', 'Sleep well.');
    platform.notifications.reverse();
    deliverer().start();
    await untilLook(1);
    expect(sent.map(({ to, text }) => `${to}: ${text}`)).toEqual([
      'alice: How was your day?',
      'bob: Sleep well.',
    ]);
    expect(consumed()).toEqual(['n1', 'n2']);
    expect(platform.requests[0]).toMatchObject({
      path: '/agents/luna/notifications',
      query: { status: 'pending', limit: '500' },
    });
    platform.notify('alice', 'And now?');
    await clock.advance(29_999);
    expect(looks()).toBe(1);
    await clock.advance(1);
    await untilLook(2);
    expect(sent).toHaveLength(3);
    expect(consumed()).toEqual(['n1', 'n2', 'n3']);
    expect(errors).toEqual([]);
  });

  it('have keys of their own that fit a client_msg_id and never change', async () => {
    platform.notify('alice', 'one');
    platform.notify('alice', 'two');
    const first = deliverer();
    first.start();
    await untilLook(1);
    await first.stop();
    const keys = sent.map(({ key }) => key);
    expect(keys).toEqual([expect.stringMatching(/^sonzai_[0-9a-f]{32}$/), expect.stringMatching(/^sonzai_/)]);
    expect(new Set(keys).size).toBe(2);
    for (const notification of platform.notifications) notification.status = 'pending';
    deliverer().start();
    await untilLook(2);
    expect(sent.slice(2).map(({ key }) => key)).toEqual(keys);
  });

  describe('when the process dies', () => {
    /** A store whose process dies at this call: nothing comes back any more. */
    function dyingAt(call: 'commit' | 'consume', claims: DedupeStore): DedupeStore {
      if (call === 'consume') return claims;
      return {
        claim: (key) => claims.claim(key),
        commit: () => new Promise(() => {}),
        release: () => new Promise(() => {}),
      };
    }

    it('between sending and noting it, the next life sends again with the same key', async () => {
      const life = new VirtualClock();
      const claims = new MemoryDedupeStore({ clock, leaseMs: 60_000 });
      platform.notify('alice', 'Hello');
      const dead = new SonzaiNotifications({
        client,
        agentId: 'luna',
        store: { claims: dyingAt('commit', claims) },
        send: note,
        clock: life,
      });
      dead.start();
      await eventually(() => sent.length).toBe(1);
      expect(consumed()).toEqual([]);

      deliverer({ store: { claims } }).start();
      await untilLook(2);
      // The claim of the dead process holds for a while.
      expect(sent).toHaveLength(1);
      await eventually(async () => {
        await clock.advance(30_000);
        return sent.length;
      }).toBe(2);
      expect(sent[1]).toEqual(sent[0]);
      await eventually(() => consumed()).toEqual(['n1']);
    });

    it('between noting it and consuming, the next life only consumes', async () => {
      const claims = new MemoryDedupeStore({ clock, leaseMs: 60_000 });
      platform.notify('alice', 'Hello');
      const unreachable = new Sonzai({
        apiKey: 'sk-1',
        baseUrl: platform.url,
        fetch: (input, init) =>
          String(input).endsWith('/consume') ? new Promise(() => {}) : fetch(input, init),
        timeoutMs: 0,
      });
      const dead = new SonzaiNotifications({
        client: unreachable,
        agentId: 'luna',
        store: { claims },
        send: note,
        onError: () => {},
        clock: new VirtualClock(),
      });
      dead.start();
      await eventually(() => sent.length).toBe(1);

      deliverer({ store: { claims } }).start();
      await untilLook(2);
      expect(sent).toHaveLength(1);
      expect(consumed()).toEqual(['n1']);
      unreachable.close();
    });
  });

  it('are delivered once by several processes that share a store', async () => {
    for (let number = 1; number <= 10; number += 1) platform.notify(`user${number}`, `text ${number}`);
    const store = memoryStore();
    for (let process = 0; process < 3; process += 1) deliverer({ store }).start();
    await eventually(() => platform.notifications.every(({ status }) => status === 'consumed')).toBe(true);
    expect(sent.map(({ text }) => text).sort()).toEqual(
      platform.notifications.map((each) => each.generated_message).sort(),
    );
  });

  it('are held for as long as sending takes, whatever the claims of the store hold', async () => {
    const claims = new MemoryDedupeStore({ clock, leaseMs: 10_000 });
    platform.notify('alice', 'Hello');
    let finish = () => {};
    const slow = async (to: string, text: string, about: NotificationSend) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      await note(to, text, about);
    };
    deliverer({ store: { claims }, send: slow }).start();
    await eventually(() => looks()).toBe(1);
    await eventually(() => clock.pendingTimers).toBe(1);
    await clock.advance(60_000);
    const other = deliverer({ store: { claims } });
    other.start();
    await eventually(() => looks()).toBe(2);
    await other.stop();
    expect(sent).toEqual([]);
    finish();
    await eventually(() => consumed()).toEqual(['n1']);
    expect(sent).toHaveLength(1);
  });

  it('that cannot be sent are told, are not consumed, and are tried again less and less often', async () => {
    platform.notify('alice', 'first');
    platform.notify('alice', 'second');
    platform.notify('bob', 'third');
    let isBlocked = true;
    let tries = 0;
    const send: SonzaiNotificationsOptions['send'] = (to, text, about) => {
      if (to !== 'alice' || !isBlocked) return note(to, text, about);
      tries += 1;
      throw new NotFoundError('no such agent');
    };
    deliverer({ send }).start();
    await untilLook(1);
    // What comes after it for the same person waits, and others do not.
    expect(sent.map(({ text }) => text)).toEqual(['third']);
    expect(errors).toEqual([expect.objectContaining({ message: 'no such agent' })]);
    for (let look = 2; look <= 8; look += 1) {
      await clock.advance(30_000);
      await untilLook(look);
    }
    expect(tries).toBe(4);
    expect(consumed()).toEqual(['n3']);
    isBlocked = false;
    for (let look = 9; look <= 16; look += 1) {
      await clock.advance(30_000);
      await untilLook(look);
    }
    expect(sent.map(({ text }) => text)).toEqual(['third', 'first', 'second']);
    expect(consumed()).toEqual(['n3', 'n1', 'n2']);
  });

  it('for somebody else are left alone', async () => {
    platform.notify('app:42', 'not here');
    platform.notify('chat:alice', 'here');
    const recipient = ({ user_id }: { user_id: string }) =>
      user_id.startsWith('chat:') ? user_id.slice(5) : null;
    deliverer({ recipient }).start();
    await untilLook(1);
    expect(sent.map(({ to }) => to)).toEqual(['alice']);
    expect(consumed()).toEqual(['n2']);
  });

  it('without a text are consumed, and those that cannot be read, or were consumed before, are left out', async () => {
    const silent = platform.notify('alice', '');
    const good = platform.notify('alice', 'Hello');
    const unreadable = [
      null,
      7,
      {},
      { ...good, user_id: 7 },
      { ...good, message_id: '' },
      { ...good, generated_message: null },
    ];
    const consumedBefore = [
      { ...good, message_id: 'n8', status: 'consumed' },
      { ...good, message_id: 'n9', consumed_at: '2026-01-01T00:00:00Z' },
    ];
    const odd = new Sonzai({
      apiKey: 'sk-1',
      baseUrl: platform.url,
      fetch: async (input, init) => {
        const answer = await fetch(input, init);
        return init?.method === 'GET'
          ? Response.json({ notifications: [...unreadable, ...consumedBefore, silent, good] })
          : answer;
      },
    });
    deliverer({ client: odd }).start();
    await untilLook(1);
    expect(sent.map(({ text }) => text)).toEqual(['Hello']);
    expect(consumed()).toEqual(['n1', 'n2']);
  });

  it('are asked for less often while the platform does not answer', async () => {
    const failing = new Sonzai({
      apiKey: 'sk-1',
      baseUrl: platform.url,
      maxRetries: 0,
      fetch: async () => new Response('{"error":"busy"}', { status: 503 }),
    });
    deliverer({ client: failing }).start();
    await eventually(() => errors.length).toBe(1);
    const times: number[] = [];
    for (let minute = 0; minute < 10; minute += 1) {
      await clock.advance(60_000);
      await new Promise((resolve) => setImmediate(resolve));
      times.push(errors.length);
    }
    expect(times.at(-1)).toBeLessThanOrEqual(5);
    expect(times.at(-1)).toBeGreaterThanOrEqual(3);
  });

  it('go to the console where nobody listens to what goes wrong', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    platform.notify('alice', 'Hello');
    const send = () => Promise.reject(new Error('down'));
    deliverer({ send, onError: undefined }).start();
    await untilLook(1);
    expect(error.mock.calls).toEqual([['agentchat-client: Delivering the notifications of Sonzai: down']]);
    error.mockRestore();
  });

  it('are not looked for after stop, which waits for what is being sent; start begins again', async () => {
    platform.notify('alice', 'Hello');
    platform.notify('bob', 'Hello');
    let finish = () => {};
    let sending = 0;
    const send = async (to: string, text: string, about: NotificationSend) => {
      sending += 1;
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      await note(to, text, about);
    };
    const notifications = deliverer({ send });
    notifications.start();
    notifications.start();
    await eventually(() => sending).toBe(1);
    const stopped = notifications.stop();
    finish();
    await stopped;
    expect(sent.map(({ to }) => to)).toEqual(['alice']);
    expect(consumed()).toEqual(['n1']);
    expect(looks()).toBe(1);
    await clock.advance(3_600_000);
    expect(looks()).toBe(1);
    notifications.start();
    await eventually(() => looks()).toBe(2);
    await eventually(() => {
      finish();
      return consumed();
    }).toEqual(['n1', 'n2']);
    await notifications.stop();
    await notifications.stop();
  });

  it.each<[string, object, string]>([
    ['no client', { client: undefined }, 'client'],
    ['no agent', { agentId: '' }, 'agentId'],
    ['no store', { store: undefined }, 'store'],
    ['no way to send', { send: undefined }, 'send'],
    ['an unknown option', { interval: 5 }, 'interval'],
    ['NaN', { everyMs: Number.NaN }, 'everyMs'],
    ['a listener that is none', { onError: 'log' }, 'onError'],
  ])('refuse %s', (_, options, field) => {
    expect(() => deliverer(options)).toThrow(expect.objectContaining({ name: 'ValidationError', field }));
  });
});
