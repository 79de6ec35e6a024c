import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ValidationError } from '../../src/errors/index.js';
import type { LocalServer, LocalServerOptions } from '../../src/local-server/index.js';
import { verifyWebhook } from '../../src/webhooks/index.js';
import { nodeReceiver } from '../../src/webhooks/node/index.js';
import type { WebhookPayload } from '../../src/wire/index.js';
import { ACK, agent, type Caller, connect, withServer } from './kit.js';
import { WebhookSink } from './webhook-sink.js';

const SECRET = 'whsec_of_the_test';
const MESSAGES = ['message.new'];

async function openSink(): Promise<WebhookSink> {
  const sink = await WebhookSink.open();
  onTestFinished(() => sink.close());
  return sink;
}

/** Registers a webhook and gives its id. */
async function register(caller: Caller, url: string, events = MESSAGES, secret = SECRET): Promise<string> {
  const { status, body } = await caller.call('POST', '/v1/webhooks', { url, events, secret });
  if (status !== 201) throw new Error(`registration answered ${status}`);
  return String(body.id);
}

/** Alice, who writes, and Bob, who has a webhook. */
async function stage(server: LocalServer, events = MESSAGES) {
  const sink = await openSink();
  const alice = agent(server, 'alice');
  const bob = agent(server, 'bob');
  const id = await register(bob, sink.url, events);
  return { sink, alice, bob, id };
}

const outcomes = (server: LocalServer, id?: string) =>
  server.webhooks
    .attempts(id)
    .map(({ attempt, status, error, outcome }) => [attempt, status ?? error, outcome]);

/** Five attempts without any delay between them. */
const QUICK: LocalServerOptions = { webhookScheduleMs: [0, 0, 0, 0, 0] };
const ONCE: LocalServerOptions = { webhookScheduleMs: [0] };

describe('the endpoints of webhooks', () => {
  it('issue a secret once, or accept one and never show it', () =>
    withServer({}, async (server) => {
      const bob = agent(server, 'bob');
      const draft = {
        url: 'https://example.com/hooks',
        events: ['message.new', 'group.deleted', 'message.new'],
      };
      const issued = await bob.call('POST', '/v1/webhooks', draft);
      expect(issued.status).toBe(201);
      expect(issued.body).toEqual({
        id: expect.stringMatching(/^whk_\w{16}$/),
        url: draft.url,
        events: ['message.new', 'group.deleted'],
        active: true,
        created_at: expect.any(String),
        secret: expect.stringMatching(/^whsec_\w{32}$/),
      });
      const accepted = await bob.call('POST', '/v1/webhooks', { ...draft, secret: SECRET });
      expect(accepted.status).toBe(201);
      const { body } = await bob.call<{ webhooks: object[] }>('GET', '/v1/webhooks');
      expect(body.webhooks).toHaveLength(2);
      const one = await bob.call('GET', `/v1/webhooks/${String(issued.body.id)}`);
      for (const shown of [accepted.body, one.body, ...body.webhooks])
        expect(shown).not.toHaveProperty('secret');
      expect(JSON.stringify(server.webhooks.list())).not.toContain('whsec');
    }));

  it('show and delete an agent its own only', () =>
    withServer({}, async (server) => {
      const [alice, bob] = [agent(server, 'alice'), agent(server, 'bob')];
      const id = await register(bob, 'https://example.com/');
      expect((await alice.call('GET', '/v1/webhooks')).body).toEqual({ webhooks: [] });
      for (const method of ['GET', 'DELETE']) {
        const { status, body } = await alice.call(method, `/v1/webhooks/${id}`);
        expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
      }
      expect(server.webhooks.list('@Bob').map(({ owner }) => owner)).toEqual(['bob']);
      expect(server.webhooks.list('alice')).toEqual([]);
      const deleted = await fetch(`${server.url}/v1/webhooks/${id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${bob.apiKey}` },
      });
      expect([deleted.status, await deleted.text()]).toEqual([204, '']);
      expect((await bob.call('GET', `/v1/webhooks/${id}`)).status).toBe(404);
      expect(server.webhooks.list()).toEqual([]);
    }));

  it.each([
    ['no address', { url: 'nowhere', events: MESSAGES }, 'url'],
    ['another scheme', { url: 'ftp://example.com/', events: MESSAGES }, 'url'],
    ['an address that is none', { url: 'http://[::bad', events: MESSAGES }, 'url'],
    ['a password', { url: 'https://bob:pw@example.com/', events: MESSAGES }, 'url'],
    ['no events', { url: 'https://example.com/', events: [] }, 'events'],
    ['an empty secret', { url: 'https://example.com/', events: MESSAGES, secret: '' }, 'secret'],
    ['a blank secret', { url: 'https://example.com/', events: MESSAGES, secret: '  ' }, 'secret'],
  ])('refuse %s', (_what, draft, field) =>
    withServer({}, async (server) => {
      const { status, body } = await agent(server, 'bob').call('POST', '/v1/webhooks', draft);
      expect([status, body.code]).toEqual([400, 'VALIDATION_ERROR']);
      expect(Object.keys((body.details as { fieldErrors: object }).fieldErrors)).toEqual([field]);
    }),
  );

  it('want a key, and no account that may not write', () =>
    withServer({}, async (server) => {
      const draft = { url: 'https://example.com/', events: MESSAGES };
      const bob = agent(server, 'bob');
      server.pause('bob', 'send');
      expect((await bob.call('POST', '/v1/webhooks', draft)).body.code).toBe('AGENT_PAUSED_BY_OWNER');
      server.deleteAgent('bob');
      expect((await bob.call('POST', '/v1/webhooks', draft)).status).toBe(401);
    }));

  it('take a hundred of one agent', () =>
    withServer({}, async (server) => {
      const bob = agent(server, 'bob');
      for (let number = 0; number < 100; number += 1) await register(bob, 'https://example.com/');
      const { status } = await bob.call('POST', '/v1/webhooks', {
        url: 'https://example.com/',
        events: MESSAGES,
      });
      expect(status).toBe(400);
    }));
});

describe('deliveries', () => {
  it('bring messages and read receipts, signed, to a receiver of ours', () =>
    withServer({}, async (server) => {
      const hooks: WebhookPayload[] = [];
      const wake: (() => void)[] = [];
      const receive = nodeReceiver({
        secret: SECRET,
        respond: 'when-handled',
        onEvent(hook) {
          hooks.push(hook);
          for (const each of wake.splice(0)) each();
        },
      });
      const receiver = createServer(receive);
      await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void receiver.close());
      const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
      const [alice, bob] = [agent(server, 'alice'), agent(server, 'bob')];
      await register(bob, url);
      await register(alice, url, ['message.read']);
      const { body: message } = await alice.send('bob', 'café 🙂');
      while (hooks.length < 1) await new Promise<void>((resolve) => wake.push(resolve));
      await bob.call('POST', `/v1/messages/${String(message.id)}/read`);
      await server.webhooks.whenIdle();
      expect(outcomes(server)).toEqual([
        [1, 200, 'delivered'],
        [1, 200, 'delivered'],
      ]);
      expect(hooks).toEqual([
        {
          event: 'message.new',
          timestamp: expect.any(String),
          data: expect.objectContaining({
            id: message.id,
            seq: 1,
            sender: 'alice',
            content: { text: 'café 🙂' },
          }),
        },
        {
          event: 'message.read',
          timestamp: expect.any(String),
          data: {
            conversation_id: message.conversation_id,
            through_seq: 1,
            reader: 'bob',
            at: expect.any(String),
          },
        },
      ]);
    }));

  it('are POSTs of JSON, to the recipients that want the event, and nobody else', () =>
    withServer({}, async (server) => {
      const { sink, alice, bob } = await stage(server);
      await register(bob, sink.url, ['group.deleted']);
      await register(alice, sink.url);
      await alice.send('bob', 'hi');
      await server.webhooks.whenIdle();
      expect(sink.delivered).toHaveLength(1);
      const [{ method, headers, body, event } = await Promise.reject(new Error('nothing came'))] =
        sink.delivered;
      expect([method, headers['content-type']]).toEqual(['POST', 'application/json']);
      expect(headers['agentchat-signature']).toMatch(/^t=\d+,v1=[\da-f]{64}$/);
      expect(event.data).not.toHaveProperty('status');
      const signature = headers['agentchat-signature'];
      expect((await verifyWebhook({ payload: body, signature, secret: SECRET })).event).toBe('message.new');
    }));

  it('change nothing about what is undelivered', () =>
    withServer({}, async (server) => {
      const { alice, bob } = await stage(server);
      await alice.send('bob', 'hi');
      await server.webhooks.whenIdle();
      expect((await bob.sync()).body).toHaveLength(1);
      const socket = await connect(bob, ACK);
      expect((await socket.next()).payload?.seq).toBe(1);
      socket.close();
    }));

  it('are held back by mutes of the sender and of the conversation', () =>
    withServer({}, async (server) => {
      const { sink, alice, bob } = await stage(server);
      server.mute('bob', { agent: 'alice' });
      const { body } = await alice.send('bob', 'muted');
      server.unmute('bob', { agent: 'alice' });
      server.mute('bob', { conversation: String(body.conversation_id) });
      await alice.send('bob', 'muted as well');
      server.unmute('bob', { conversation: String(body.conversation_id) });
      await alice.send('bob', 'heard');
      await server.webhooks.whenIdle();
      expect(sink.delivered.map(({ event }) => event.data.content)).toEqual([{ text: 'heard' }]);
      expect((await bob.sync()).body).toHaveLength(3);
    }));

  it('are not made to agents that receive nothing at the moment', () =>
    withServer({}, async (server) => {
      const { sink, alice } = await stage(server);
      server.pause('bob', 'full');
      await alice.send('bob', 'paused');
      server.pause('bob', 'send');
      await alice.send('bob', 'may not send');
      await server.webhooks.whenIdle();
      server.setStatus('bob', 'suspended');
      await alice.send('bob', 'suspended');
      await server.webhooks.whenIdle();
      expect(sink.delivered.map(({ event }) => event.data.content)).toEqual([{ text: 'may not send' }]);
    }));

  it('end when their webhook, or its agent, is deleted meanwhile', () =>
    withServer(QUICK, async (server) => {
      const { sink, alice, bob, id } = await stage(server);
      const carol = agent(server, 'carol');
      const ofCarol = await register(carol, sink.url);
      const remove = async () => {
        server.deleteAgent('carol');
        const headers = { authorization: `Bearer ${bob.apiKey}` };
        await fetch(`${server.url}/v1/webhooks/${id}`, { method: 'DELETE', headers });
      };
      let removed: Promise<void> | undefined;
      sink.react([], (response) => {
        removed ??= sink.got(2).then(remove);
        void removed.then(() => response.writeHead(500).end());
      });
      await Promise.all([alice.send('bob', 'hi'), alice.send('carol', 'hi')]);
      await server.webhooks.whenIdle();
      expect(sink.delivered).toHaveLength(2);
      for (const each of [id, ofCarol]) expect(outcomes(server, each)).toEqual([[1, 500, 'will_retry']]);
    }));

  it('go out a limited number at a time, and all of them in the end', () =>
    withServer(ONCE, async (server) => {
      const { sink, alice } = await stage(server);
      let underWay = 0;
      let most = 0;
      sink.react([], (response) => {
        underWay += 1;
        most = Math.max(most, underWay);
        setTimeout(() => {
          underWay -= 1;
          response.writeHead(204).end();
        }, 5);
      });
      await Promise.all(Array.from({ length: 100 }, (_, number) => alice.send('bob', String(number))));
      await server.webhooks.whenIdle();
      expect(sink.delivered).toHaveLength(100);
      expect(most).toBeLessThanOrEqual(20);
      expect(most).toBeGreaterThan(1);
    }));
});

describe('a delivery that fails', () => {
  it('is repeated by schedule, the same bytes signed anew, until it is answered 2xx', () => {
    let now = Date.parse('2026-07-12T18:00:00Z');
    return withServer({ ...QUICK, now: () => now }, async (server) => {
      const { sink, alice, id } = await stage(server);
      const step = (status: number) => (response: { writeHead(status: number): { end(): unknown } }) => {
        now += 7_000;
        response.writeHead(status).end();
      };
      sink.react([step(500), step(404), step(199 + 1)]);
      await alice.send('bob', 'hi');
      await server.webhooks.whenIdle();
      expect(outcomes(server, id)).toEqual([
        [1, 500, 'will_retry'],
        [2, 404, 'will_retry'],
        [3, 200, 'delivered'],
      ]);
      expect(new Set(sink.delivered.map(({ body }) => body)).size).toBe(1);
      expect(new Set(server.webhooks.attempts().map(({ deliveryId }) => deliveryId)).size).toBe(1);
      const times = sink.delivered.map(
        ({ headers }) => /t=(\d+)/.exec(String(headers['agentchat-signature']))?.[1],
      );
      expect(times.map(Number)).toEqual([0, 7, 14].map((later) => 1_783_879_200 + later));
      for (const { body, headers } of sink.delivered) {
        const signature = headers['agentchat-signature'];
        await verifyWebhook({ payload: body, signature, secret: SECRET, now: () => now });
      }
    });
  });

  it('waits as long as the schedule says', () =>
    withServer({ webhookScheduleMs: [0, 60, 0] }, async (server) => {
      const { sink, alice } = await stage(server);
      const arrivals: number[] = [];
      sink.react([], (response) => {
        arrivals.push(performance.now());
        response.writeHead(500).end();
      });
      await alice.send('bob', 'hi');
      await server.webhooks.whenIdle();
      const [first = 0, second = 0] = arrivals;
      expect(arrivals).toHaveLength(3);
      // Timers may fire a millisecond early.
      expect(second - first).toBeGreaterThanOrEqual(55);
    }));

  it('is not followed to where a redirect points', () =>
    withServer(ONCE, async (server) => {
      const { sink, alice, id } = await stage(server);
      const elsewhere = await openSink();
      sink.react([(response) => void response.writeHead(307, { location: elsewhere.url }).end()]);
      await alice.send('bob', 'hi');
      await server.webhooks.whenIdle();
      expect(outcomes(server, id)).toEqual([[1, 307, 'given_up']]);
      expect(elsewhere.delivered).toEqual([]);
    }));

  it.each<[string, (response: { destroy(): unknown; writeHead(status: number): unknown }) => void, unknown]>([
    ['does not answer', () => undefined, 'timeout'],
    ['hangs up', (response) => void response.destroy(), 'UND_ERR_SOCKET'],
  ])('is given up on a receiver that %s', (_how, reaction, error) =>
    withServer({ ...ONCE, webhookTimeoutMs: 50 }, async (server) => {
      const { sink, alice } = await stage(server);
      sink.react([reaction]);
      await alice.send('bob', 'hi');
      await server.webhooks.whenIdle();
      expect(outcomes(server)).toEqual([[1, error, 'given_up']]);
    }),
  );

  it('is delivered to a receiver that answers 200 and never ends its answer', () =>
    withServer(ONCE, async (server) => {
      const { sink, alice } = await stage(server);
      sink.react([
        (response) => {
          response.writeHead(200);
          response.write('more to come');
        },
      ]);
      await alice.send('bob', 'hi');
      await server.webhooks.whenIdle();
      expect(outcomes(server)).toEqual([[1, 200, 'delivered']]);
    }));

  it('says when nobody is there', () =>
    withServer(ONCE, async (server) => {
      const { sink, alice } = await stage(server);
      await sink.close();
      await alice.send('bob', 'hi');
      await server.webhooks.whenIdle();
      expect(outcomes(server)).toEqual([[1, 'refused', 'given_up']]);
    }));

  it('disables the webhook after five in a row, and the operator can enable it', () =>
    withServer(ONCE, async (server) => {
      const { sink, alice, bob, id } = await stage(server);
      const isActive = async () => (await bob.call('GET', `/v1/webhooks/${id}`)).body.active;
      const sendOne = async () => {
        await alice.send('bob', 'hi');
        await server.webhooks.whenIdle();
      };
      // A success in between begins the count anew.
      sink.react([500, 500, 500, 500, 200], 500);
      for (let number = 0; number < 9; number += 1) await sendOne();
      expect(await isActive()).toBe(true);
      await sendOne();
      expect(await isActive()).toBe(false);
      expect(server.webhooks.list('bob')).toMatchObject([{ id, active: false }]);
      await sendOne();
      expect(sink.delivered).toHaveLength(10);
      expect(server.webhooks.trigger('bob', 'message.new', {})).toEqual([]);
      server.webhooks.enable(id);
      expect(await isActive()).toBe(true);
      for (let number = 0; number < 4; number += 1) await sendOne();
      expect(await isActive()).toBe(true);
      await sendOne();
      expect(await isActive()).toBe(false);
      expect(sink.delivered).toHaveLength(15);
    }));

  it('leaves other webhooks of the agent alone', () =>
    withServer(ONCE, async (server) => {
      const { sink, alice, bob } = await stage(server);
      const good = await openSink();
      const goodId = await register(bob, good.url);
      sink.react([], 500);
      for (let number = 0; number < 6; number += 1) {
        await alice.send('bob', 'hi');
        await server.webhooks.whenIdle();
      }
      expect([sink.delivered.length, good.delivered.length]).toEqual([5, 6]);
      expect(outcomes(server, goodId)).toEqual(Array(6).fill([1, 200, 'delivered']));
    }));
});

describe('the operator of webhooks', () => {
  const verifies = async (sink: WebhookSink, secret: string) => {
    const last = sink.delivered.at(-1);
    const signature = last?.headers['agentchat-signature'];
    return verifyWebhook({ payload: last?.body ?? '', signature, secret }).then(
      () => true,
      () => false,
    );
  };

  it('rotates the secret: two signatures, then one', () =>
    withServer({}, async (server) => {
      const { sink, id } = await stage(server);
      const deliver = async () => {
        server.webhooks.trigger('bob', 'message.new', { id: 'msg_1' });
        await server.webhooks.whenIdle();
        return String(sink.delivered.at(-1)?.headers['agentchat-signature']).match(/v1=/g)?.length;
      };
      const fresh = server.webhooks.rotateSecret(id);
      expect(fresh).toMatch(/^whsec_\w{32}$/);
      expect(await deliver()).toBe(2);
      expect([await verifies(sink, SECRET), await verifies(sink, fresh)]).toEqual([true, true]);
      server.webhooks.retireSecrets(id);
      expect(await deliver()).toBe(1);
      expect([await verifies(sink, SECRET), await verifies(sink, fresh)]).toEqual([false, true]);
      // However often it is rotated, a receiver has two signatures to look at.
      for (let number = 0; number < 20; number += 1) server.webhooks.rotateSecret(id);
      expect(await deliver()).toBe(2);
    }));

  it('triggers an event, to those who want it', () =>
    withServer({}, async (server) => {
      const { sink, bob } = await stage(server, ['group.deleted', 'contact.blocked']);
      await register(bob, sink.url, ['group.deleted']);
      expect(server.webhooks.trigger('bob', 'message.new', {})).toEqual([]);
      const ids = server.webhooks.trigger('@BOB', 'group.deleted', { group_id: 'grp_1' });
      expect(ids).toHaveLength(2);
      expect(server.webhooks.trigger('bob', 'contact.blocked', { odd: [1, null] })).toHaveLength(1);
      await server.webhooks.whenIdle();
      expect(sink.delivered.map(({ event }) => [event.event, event.data])).toEqual(
        expect.arrayContaining([
          ['group.deleted', { group_id: 'grp_1' }],
          ['contact.blocked', { odd: [1, null] }],
        ]),
      );
      expect(server.webhooks.attempts().map(({ deliveryId }) => deliveryId)).toEqual(
        expect.arrayContaining([...ids]),
      );
    }));

  it('refuses an event that does not exist: to register for it, and to trigger it', () =>
    withServer({}, async (server) => {
      const bob = agent(server, 'bob');
      const draft = { url: 'https://example.com/hooks', events: ['message.new', 'messages.new'] };
      const { status, body } = await bob.call('POST', '/v1/webhooks', draft);
      expect(status).toBe(400);
      expect(JSON.stringify(body)).toContain('there is no messages.new: there are message.new, message.read');
      expect(() => server.webhooks.trigger('bob', 'messages.new', {})).toThrow(/must be one of message\.new/);
    }));

  it('sees every attempt, and gets snapshots', () =>
    withServer(QUICK, async (server) => {
      const { sink, alice, id } = await stage(server);
      sink.react([503]);
      await alice.send('bob', 'hi');
      await server.webhooks.whenIdle();
      const before = server.webhooks.attempts(id);
      expect(before).toEqual([
        {
          webhookId: id,
          deliveryId: expect.stringMatching(/^dlv_/),
          event: 'message.new',
          url: sink.url,
          attempt: 1,
          at: expect.stringMatching(/^\d{4}-.*Z$/),
          status: 503,
          error: null,
          outcome: 'will_retry',
        },
        expect.objectContaining({ attempt: 2, status: 200, outcome: 'delivered' }),
      ]);
      await alice.send('bob', 'hi');
      await server.webhooks.whenIdle();
      expect(before).toHaveLength(2);
      expect(server.webhooks.attempts('whk_other')).toEqual([]);
    }));

  it('is told what cannot be', () =>
    withServer({}, async (server) => {
      await stage(server);
      const { webhooks } = server;
      const circular: Record<string, unknown> = {};
      circular.self = circular;
      const mistakes = [
        () => webhooks.trigger('nobody', 'message.new', {}),
        () => webhooks.trigger('bob', 'message.new', circular),
        () => webhooks.trigger('bob', 'message.new', [] as never),
        () => webhooks.trigger('bob', 'message.new', undefined as never),
        () => webhooks.rotateSecret('whk_other'),
        () => webhooks.retireSecrets('whk_other'),
        () => webhooks.enable('whk_other'),
      ];
      for (const mistake of mistakes) expect(mistake).toThrow(ValidationError);
    }));

  it('reads of deliveries in the log, and never of a secret', async () => {
    const lines: string[] = [];
    await withServer({ ...ONCE, log: (line) => lines.push(line) }, async (server) => {
      const { sink, alice, id } = await stage(server);
      sink.react([], 500);
      for (let number = 0; number < 5; number += 1) {
        await alice.send('bob', 'hi');
        await server.webhooks.whenIdle();
      }
      const secret = server.webhooks.rotateSecret(id);
      expect(lines).toContain(`webhook ${id} message.new attempt 1: 500, given_up`);
      expect(lines.at(-1)).toBe(`webhook ${id} disabled: 5 deliveries in a row failed`);
      expect(lines.join('\n')).not.toMatch(new RegExp(`${SECRET}|${secret}|v1=`));
    });
  });

  it.each([[[]], [['soon']], [[-1]], [5], [[Number.NaN]], [[2 ** 31]]])(
    'cannot have a schedule of %j',
    async (webhookScheduleMs) => {
      const options = { webhookScheduleMs } as unknown as LocalServerOptions;
      await expect(withServer(options, async () => undefined)).rejects.toMatchObject({
        field: 'webhookScheduleMs',
      });
    },
  );
});

describe('webhooks and the life of the server', () => {
  it('outlive a restart, and deliveries go on meanwhile', () =>
    withServer({ webhookScheduleMs: [0, 50] }, async (server) => {
      const { sink, alice, bob, id } = await stage(server);
      sink.react([500]);
      await alice.send('bob', 'before');
      await sink.got(1);
      await server.restart();
      await server.webhooks.whenIdle();
      expect(outcomes(server, id)).toEqual([
        [1, 500, 'will_retry'],
        [2, 200, 'delivered'],
      ]);
      const again = () => bob.call<{ webhooks: object[] }>('GET', '/v1/webhooks');
      const { body } = await again().catch(again);
      expect(body.webhooks).toMatchObject([{ id, active: true }]);
      await alice.send('bob', 'after');
      await server.webhooks.whenIdle();
      expect(sink.delivered).toHaveLength(3);
    }));

  it('end with it: what waits, and what is under way', () =>
    withServer({ webhookScheduleMs: [0, 3_600_000] }, async (server) => {
      const { sink, alice } = await stage(server);
      sink.react([500, () => undefined]);
      await alice.send('bob', 'waits');
      await sink.got(1);
      await alice.send('bob', 'under way');
      await sink.got(2);
      const idle = server.webhooks.whenIdle();
      await server.close();
      await idle;
      expect(server.webhooks.trigger('bob', 'message.new', {})).toEqual([]);
      expect(outcomes(server)).toEqual([[1, 500, 'will_retry']]);
    }));
});
