import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import type { AgentChatClientError } from '../../../src/errors/index.js';
import { type Adapter, adapters } from './kit/adapters.js';
import { bytes, messageBody, type Outgoing, signatureOf, signed } from './kit/request.js';
import { ask, gate, start } from './kit/rigs.js';
import { TestStore } from './kit/stores.js';
import { Wire } from './kit/wire.js';

const ACCEPTED = { status: 200, received: true };

async function wireTo({ url }: { readonly url: string | null }): Promise<Wire> {
  if (url === null) throw new Error('there is no socket');
  const wire = new Wire(new URL(url));
  await new Promise((resolve) => wire.socket.once('connect', resolve));
  return wire;
}

/** A request as it goes over the wire. */
function written(outgoing: Outgoing): string {
  const headers = Object.entries(outgoing.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = `content-length: ${outgoing.body.length}\r\n`;
  return `POST /webhooks HTTP/1.1\r\nhost: 127.0.0.1\r\n${length}${headers.join('')}\r\n${Buffer.from(outgoing.body)}`;
}

/** Behind the web's request there is no connection to hang up on: Node's server ends it when it has been idle. */
const hangsUp = ({ name }: Adapter) => name !== 'Hono';
/** Who reads the body before the receiver does is who has to bound it. */
const isReadBefore = ({ name }: Adapter) => name.includes('express.raw');

describe.each(adapters.filter(({ medium }) => medium === 'socket'))('$name', (adapter) => {
  it.each([
    ['reset', (wire: Wire) => wire.cut()],
    ['closed', (wire: Wire) => void wire.socket.end()],
  ])('goes on when an upload breaks off (%s), and calls no handler', async (_how, breakOff) => {
    let calls = 0;
    const errors: AgentChatClientError[] = [];
    const rig = await start(adapter, {
      maxPending: 1,
      onEvent: () => ++calls,
      onError: (error) => errors.push(error),
    });
    for (let round = 0; round < 3; round += 1) {
      const wire = await wireTo(rig);
      const outgoing = signed();
      wire.head(outgoing, outgoing.body.length);
      await wire.write(outgoing.body.subarray(0, 20));
      await turnOfTheLoop();
      breakOff(wire);
      await wire.closed;
    }
    await vi.waitFor(async () => expect(await ask(rig, signed())).toEqual(ACCEPTED));
    await vi.waitFor(() => expect(calls).toBe(1));
    expect(errors).toEqual([]);
  });

  it.each(['at-once', 'when-handled'] as const)(
    'handles what came whole, when the sender left before the answer (%s)',
    async (respond) => {
      const store = new TestStore();
      const { opened, open } = gate();
      const asked = store.delayClaimsUntil(opened);
      const handled = gate();
      const rig = await start(adapter, {
        respond,
        dedupe: store,
        maxPending: 1,
        onEvent: () => handled.open(),
      });
      const wire = await wireTo(rig);
      const outgoing = signed();
      await wire.write(written(outgoing));
      await asked;
      wire.cut();
      await wire.closed;
      await turnOfTheLoop();
      open();
      await handled.opened;
      // The sender, which has heard nothing, sends it again.
      await vi.waitFor(async () =>
        expect(await ask(rig, outgoing)).toEqual({ ...ACCEPTED, duplicate: true }),
      );
    },
  );

  it('handles what came whole, also when nobody is there any more to read the answer', async () => {
    const begun = gate();
    const { opened, open } = gate();
    const done = gate();
    const rig = await start(adapter, {
      respond: 'when-handled',
      maxPending: 1,
      async onEvent() {
        begun.open();
        await opened;
        done.open();
      },
    });
    const wire = await wireTo(rig);
    await wire.write(written(signed()));
    await begun.opened;
    wire.cut();
    await wire.closed;
    open();
    await done.opened;
    await vi.waitFor(async () => expect(await ask(rig, signed())).toEqual(ACCEPTED));
  });

  it.skipIf(isReadBefore(adapter))(
    'gives up on a body that does not come, with 408, and hangs up',
    async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      try {
        const rig = await start(adapter, { maxPending: 1 });
        const wire = await wireTo(rig);
        const outgoing = signed();
        wire.head(outgoing, outgoing.body.length);
        await wire.write(outgoing.body.subarray(0, 20));
        // Its slow body keeps nobody out.
        expect(await ask(rig, signed())).toEqual(ACCEPTED);
        await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
        vi.advanceTimersByTime(30_000);
        expect(await wire.until(/\{.*\}/)).toMatch(/^HTTP\/1.1 408 [\s\S]*"code":"BODY_TOO_SLOW"/);
        vi.advanceTimersByTime(2_000);
        if (hangsUp(adapter)) await wire.closed;
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it.skipIf(isReadBefore(adapter))('answers 413 to who sends for ever, and hangs up', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const rig = await start(adapter, { maxBodyBytes: 1_000 });
      const wire = await wireTo(rig);
      wire.head(signed(), 1e12);
      let sending = true;
      const flood = (async () => {
        while (sending && !wire.socket.destroyed) {
          await wire.write(new Uint8Array(10_000));
          await turnOfTheLoop();
          vi.advanceTimersByTime(20);
        }
      })();
      expect(await wire.until(/\{.*\}/)).toMatch(/^HTTP\/1.1 413 [\s\S]*"code":"PAYLOAD_TOO_LARGE"/);
      if (hangsUp(adapter)) await wire.closed;
      sending = false;
      wire.cut();
      await flood;
    } finally {
      vi.useRealTimers();
    }
  });

  it('serves several requests of one connection, refused and taken ones', async () => {
    const rig = await start(adapter, { maxBodyBytes: 2_000, respond: 'when-handled' });
    const wire = await wireTo(rig);
    const requests: [Outgoing, RegExp][] = [
      [signed(), /^HTTP\/1.1 200 /],
      [signed(messageBody('x'.repeat(3_000))), /^HTTP\/1.1 413 /],
      [signed(messageBody(), { headers: { 'content-type': 'text/html' } }), /^HTTP\/1.1 415 /],
      [signed(messageBody(), { headers: { 'agentchat-signature': 'x' } }), /^HTTP\/1.1 400 /],
      [signed(), /^HTTP\/1.1 200 /],
    ];
    let seen = 0;
    for (const [outgoing, status] of requests) {
      await wire.write(written(outgoing));
      const text = await wire.until(new RegExp(`^[\\s\\S]{${seen}}[\\s\\S]*\\{.*\\}`));
      expect(text.slice(seen)).toMatch(status);
      seen = text.length;
    }
    wire.cut();
  });

  it('stays up under a header of a megabyte, which Node refuses', async () => {
    const rig = await start(adapter);
    const wire = await wireTo(rig);
    wire.head(signed(messageBody(), { headers: { 'agentchat-signature': 'v1='.repeat(350_000) } }), 1);
    await wire.closed;
    expect(wire.received).not.toContain('<');
    expect(wire.received).not.toMatch(/^HTTP\/1.1 [235]/);
    expect(await ask(rig, signed())).toEqual(ACCEPTED);
  });

  it('stays up under what is no HTTP', async () => {
    const rig = await start(adapter);
    const wire = await wireTo(rig);
    await wire.write('POST /webhooks HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n');
    await wire.closed;
    expect(await ask(rig, signed())).toEqual(ACCEPTED);
  });
});

describe.each(adapters.filter(({ medium }) => medium === 'call'))('$name', (adapter) => {
  it('refuses a header of a megabyte', async () => {
    const rig = await start(adapter);
    const outgoing = signed(messageBody(), { headers: { 'agentchat-signature': 'v1='.repeat(350_000) } });
    expect(await ask(rig, outgoing)).toMatchObject({ status: 400, reason: 'malformed_signature' });
  });
});

describe.each(adapters.filter(({ respond }) => respond === 'as told'))('$name, when it stops', (adapter) => {
  it.each(['at-once', 'when-handled'] as const)(
    'lets what is in hand be done, and takes nothing more (%s)',
    async (respond) => {
      const begun = gate();
      const { opened, open } = gate();
      const ended: string[] = [];
      const rig = await start(adapter, {
        respond,
        async onEvent() {
          begun.open();
          await opened;
          ended.push('handler');
        },
      });
      const answer = ask(rig, signed());
      await begun.opened;
      const stopped = rig.stop?.().then(() => ended.push('stop'));
      await turnOfTheLoop();
      await turnOfTheLoop();
      expect(ended).toEqual([]);
      open();
      expect(await answer).toEqual(ACCEPTED);
      await stopped;
      expect(ended).toEqual(['handler', 'stop']);
    },
  );

  it('stops at once when nothing is in hand, however often it is told to', async () => {
    const rig = await start(adapter);
    await ask(rig, signed(messageBody(), { headers: { 'agentchat-signature': signatureOf(bytes('')) } }));
    await Promise.all([rig.stop?.(), rig.stop?.()]);
    await rig.stop?.();
  });

  // Fastify's own stop comes first: it serves what had begun, and answers 503 by itself to what had not.
  it.skipIf(adapter.name.includes('Fastify'))('answers 503 to whose body comes after the stop', async () => {
    const begun = gate();
    const { opened, open } = gate();
    const rig = await start(adapter, {
      respond: 'when-handled',
      onEvent() {
        begun.open();
        return opened;
      },
    });
    if (rig.url === null) {
      const stopped = rig.stop?.();
      expect(await ask(rig, signed())).toMatchObject({ status: 503 });
      await stopped;
      return;
    }
    const idle = await wireTo(rig);
    const late = signed();
    // Its head is in before the stop, its body comes after it.
    idle.head(late, late.body.length);
    const first = ask(rig, signed());
    await begun.opened;
    const stopped = rig.stop?.();
    await idle.write(late.body);
    expect(await idle.until(/\{.*\}/)).toMatch(/^HTTP\/1.1 503 /);
    open();
    expect(await first).toEqual(ACCEPTED);
    idle.cut();
    await stopped;
  });
});
