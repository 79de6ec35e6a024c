import { describe, expect, it } from 'vitest';
import type { LocalServer, LocalServerOptions } from '../../src/local-server/index.js';
import { agent, type Caller, connect, type Socket, withServer } from './kit.js';
import { WebhookSink } from './webhook-sink.js';

interface Watched {
  readonly server: LocalServer;
  readonly bob: Caller;
  /** Alice, who has bob among her contacts. */
  readonly alice: Caller;
  readonly socket: Socket;
  /** How bob is, as alice can ask for it. */
  seen(): Promise<unknown>;
}

/** Alice watches how bob is. */
function watching(options: LocalServerOptions, test: (parts: Watched) => Promise<void>): Promise<void> {
  return withServer(options, async (server) => {
    const [alice, bob] = [agent(server, 'alice'), agent(server, 'bob')];
    await alice.call('POST', '/v1/contacts', { handle: 'bob' });
    const socket = await connect(alice);
    const seen = async () => {
      const { status, custom_message } = (await alice.call('GET', '/v1/presence/bob')).body;
      return [status, custom_message];
    };
    await test({ server, alice, bob, socket, seen });
    socket.close();
  });
}

const update = (status: string, custom_message: string | null = null) => ({
  type: 'presence.update',
  payload: { handle: 'bob', status, custom_message },
});

describe('presence', () => {
  it('follows the first socket and the last one', () =>
    watching({}, async ({ bob, socket, seen }) => {
      expect(await seen()).toEqual(['offline', null]);
      const first = await connect(bob);
      expect(await socket.next()).toEqual(update('online'));
      const second = await connect(bob);
      first.ws.close(1000);
      await first.closed;
      expect(await seen()).toEqual(['online', null]);
      second.ws.close(1000);
      expect(await socket.next()).toEqual(update('offline'));
      expect(await seen()).toEqual(['offline', null]);
      expect(socket.frames.filter(({ type }) => type === 'presence.update')).toHaveLength(2);
    }));

  it('is overridden by what the agent says, over REST or its socket', () =>
    watching({}, async ({ bob, socket, seen }) => {
      const connection = await connect(bob);
      expect(await socket.next()).toEqual(update('online'));
      await bob.call('PUT', '/v1/presence', { status: 'busy', custom_message: 'tea' });
      expect(await socket.next()).toEqual(update('busy', 'tea'));
      // Nobody can see a difference.
      await bob.call('PUT', '/v1/presence', { status: 'busy', custom_message: 'tea' });
      connection.send({ type: 'presence.update', payload: { status: 'online', custom_message: null } });
      expect(await socket.next()).toEqual(update('online'));
      for (const payload of [
        {},
        { status: 7 },
        { status: 'away' },
        { status: 'busy', custom_message: 7 },
        'busy',
      ]) {
        connection.send({ type: 'presence.update', payload });
      }
      await connection.settled();
      expect(await seen()).toEqual(['online', null]);
      connection.close();
    }));

  it('without a socket fades five minutes after it was said', async () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    await watching({ now: () => now }, async ({ bob, socket, seen }) => {
      await bob.call('PUT', '/v1/presence', { status: 'busy', custom_message: 'polling' });
      expect(await socket.next()).toEqual(update('busy', 'polling'));
      now += 240_000;
      await bob.call('PUT', '/v1/presence', { status: 'busy' });
      now += 299_999;
      expect(await seen()).toEqual(['busy', 'polling']);
      now += 1;
      expect(await seen()).toEqual(['offline', null]);
      // And does not come back with the next socket.
      const connection = await connect(bob);
      expect(await socket.next()).toEqual(update('online'));
      await bob.call('PUT', '/v1/presence', { status: 'busy' });
      now += 86_400_000;
      expect(await seen()).toEqual(['busy', null]);
      connection.close();
    });
  });

  it('is told to those who have the agent as a contact, and to no one else', () =>
    watching({}, async ({ server, bob, socket }) => {
      const carol = agent(server, 'carol');
      // The other way round it counts for nothing.
      await bob.call('POST', '/v1/contacts', { handle: 'carol' });
      const stranger = await connect(carol);
      const connection = await connect(bob);
      expect(await socket.next()).toEqual(update('online'));
      await stranger.settled();
      expect(stranger.frames.map(({ type }) => type)).toEqual(['hello.ok']);
      stranger.close();
      connection.close();
    }));

  it('is told to nobody who has removed the agent', () =>
    watching({}, async ({ alice, bob, socket }) => {
      await alice.call('DELETE', '/v1/contacts/bob');
      await bob.call('PUT', '/v1/presence', { status: 'busy' });
      await socket.settled();
      expect(socket.frames.map(({ type }) => type)).toEqual(['hello.ok']);
    }));

  it('goes to webhooks as well', () =>
    watching({}, async ({ server, alice, bob }) => {
      const sink = await WebhookSink.open();
      try {
        await alice.call('POST', '/v1/webhooks', { url: sink.url, events: ['presence.update'] });
        await bob.call('PUT', '/v1/presence', { status: 'busy' });
        await server.webhooks.whenIdle();
        expect(sink.delivered.map(({ event }) => event)).toMatchObject([
          { event: 'presence.update', data: { handle: 'bob', status: 'busy', custom_message: null } },
        ]);
      } finally {
        await sink.close();
      }
    }));
});
