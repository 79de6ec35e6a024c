import type { Socket } from 'node:net';
import { describe, it, type TestContext } from 'vitest';
import type { WebSocket } from 'ws';
import { WsService } from '../realtime/connection/ws-service.js';
import { Child } from './child.js';
import type { EagerAckerSetup, EagerAckerTold } from './programs/eager-acker.js';

const EAGER_ACKER = new URL('./programs/eager-acker.ts', import.meta.url);
const MIB = 1024 * 1024;
/** What may be unsent: acks wait from 4 MiB on, and what is written in one go may go beyond. */
const MOST_UNSENT_BYTES = 4.5 * MIB;
/** Long ids, so that few acks are many bytes: 100,000 are 45 MB, of which the system takes some by itself. */
const ID_LENGTH = 400;
const SPAN_MS = 6_000;
/** How long the slow reader is watched after the last push: a ping and its answer would be due in it. */
const WATCHED_MS = 2 * SPAN_MS;
/** What the slow reader takes each second. The system passes it on to us in steps of two megabytes. */
const GULP_BYTES = MIB;
const GULP_EVERY_MS = 1_000;
const CONVERSATIONS = 100;
/** Frames that are written before others get a turn. */
const SLICE = 500;
/** How often the bot tells. */
const LOOK_EVERY_MS = 100;

type Look = EagerAckerTold & { readonly kind: 'look' };

/** Reads a gulp now and then. */
class SlowReader {
  readonly #socket: WebSocket;
  readonly #raw: Socket;
  readonly #timer: NodeJS.Timeout;
  #left = 0;
  readonly #read = (chunk: Buffer) => {
    this.#left -= chunk.length;
    if (this.#left <= 0) this.#socket.pause();
  };

  constructor(socket: WebSocket, raw: Socket) {
    this.#socket = socket;
    this.#raw = raw;
    raw.on('data', this.#read);
    this.#timer = setInterval(() => {
      this.#left = GULP_BYTES;
      socket.resume();
    }, GULP_EVERY_MS);
  }

  /** Reads as others do from now on. */
  hurry(): void {
    clearInterval(this.#timer);
    this.#raw.off('data', this.#read);
    this.#socket.resume();
  }
}

class Flood {
  readonly child: Child<EagerAckerTold>;
  readonly #service: WsService;
  #parsed = 0;
  readonly #acked = new Set<string>();

  constructor(service: WsService, child: Child<EagerAckerTold>) {
    this.#service = service;
    this.child = child;
  }

  static async open(
    { onTestFinished }: TestContext,
    pendingAcks: number,
    onHello: (socket: WebSocket, raw: Socket, session: number) => void,
  ): Promise<Flood> {
    const service = await WsService.start({
      onHello(socket, session) {
        socket.send('{"type":"hello.ok","capabilities":["ack"]}');
        onHello(socket, service.raw.at(-1) as Socket, session);
      },
    });
    onTestFinished(() => service.stop());
    const setup: EagerAckerSetup = {
      baseUrl: service.baseUrl,
      pingAfterMs: SPAN_MS,
      lookEveryMs: LOOK_EVERY_MS,
      pendingAcks,
    };
    const child = await Child.start<EagerAckerTold>(EAGER_ACKER, setup);
    onTestFinished(() => child.end());
    return new Flood(service, child);
  }

  get look(): Look | undefined {
    return this.child.told.findLast((told): told is Look => told.kind === 'look');
  }

  get sessions(): number {
    return this.#service.hellos.length;
  }

  /** Messages that were acknowledged at least once. */
  get acked(): number {
    const { received } = this.#service;
    for (; this.#parsed < received.length; this.#parsed += 1) {
      const { type, message_id } = JSON.parse(received[this.#parsed] ?? '{}');
      if (type === 'ack') this.#acked.add(message_id);
    }
    return this.#acked.size;
  }

  untilHandled(count: number): Promise<void> {
    return this.child.until(() => this.look?.handled === count);
  }

  untilAcked(count: number): Promise<void> {
    return this.#service.until(() => this.acked === count);
  }
}

/** Pushes messages as fast as they are taken. */
function push(socket: WebSocket, count: number, from = 0): void {
  const end = Math.min(count, from + SLICE);
  for (let number = from; number < end; number += 1) socket.send(frame(number));
  if (end < count)
    socket.send('{"type":"pause","payload":{}}', () => setImmediate(() => push(socket, count, end)));
}

function frame(number: number): string {
  const id = `msg_${number}`.padEnd(ID_LENGTH, 'x');
  const payload = {
    id,
    conversation_id: `conv_${number % CONVERSATIONS}`,
    sender: 'alice',
    client_msg_id: `${number}`,
    seq: Math.floor(number / CONVERSATIONS) + 1,
    type: 'text',
    content: { text: 'hi' },
    metadata: {},
    created_at: '2026-01-01T00:00:00.000Z',
  };
  return JSON.stringify({ type: 'message.new', payload });
}

describe('BP-3 a service that pushes fast', () => {
  it('and reads slowly keeps its connection, and gets every ack', async (context) => {
    const { expect, onTestFinished } = context;
    const count = 100_000;
    let reader: SlowReader | undefined;
    const flood = await Flood.open(context, count, (socket, raw) => {
      reader = new SlowReader(socket, raw);
      onTestFinished(() => reader?.hurry());
      push(socket, count);
    });
    await flood.untilHandled(count);
    // From now on nothing is pushed: only what it takes says that it lives.
    const { length } = flood.child.told;
    await flood.child.until(() => flood.child.told.length >= length + WATCHED_MS / LOOK_EVERY_MS);
    // It has not caught up meanwhile.
    expect(flood.look?.pendingAcks).toBeGreaterThan(0);
    expect(flood.acked).toBeGreaterThan(0);
    reader?.hurry();
    await flood.untilAcked(count);
    expect(flood.look?.mostUnsentBytes).toBeLessThan(MOST_UNSENT_BYTES);
    expect(flood.sessions).toBe(1);
    expect(flood.child.told.filter(({ kind }) => kind !== 'look')).toEqual([]);
  }, 120_000);

  it('and reads nothing for a whole span is given up, and gets every ack on the next connection', async (context) => {
    const { expect, onTestFinished } = context;
    const count = 100_000;
    let stuckAt = 0;
    let backAt = 0;
    const flood = await Flood.open(context, count, (socket, _raw, session) => {
      push(socket, count);
      if (session > 1) {
        backAt = performance.now();
        return;
      }
      socket.pause();
      // It goes on pushing: it is not silent.
      const pushing = setInterval(() => socket.send('{"type":"presence.update","payload":{}}'), 100);
      socket.once('close', () => clearInterval(pushing));
      onTestFinished(() => clearInterval(pushing));
    });
    await flood.child.until(() => (flood.look?.unsentBytes ?? 0) > 4 * MIB);
    stuckAt = performance.now();
    await flood.child.when((told) => told.kind === 'lost');
    await flood.untilAcked(count);
    expect(backAt - stuckAt).toBeGreaterThan(SPAN_MS - 500);
    await flood.untilHandled(count);
    expect(flood.look?.mostUnsentBytes).toBeLessThan(MOST_UNSENT_BYTES);
    expect(flood.sessions).toBe(2);
    const errors = flood.child.told.flatMap((told) => (told.kind === 'error' ? [told.message] : []));
    expect(errors.join()).toContain('stopped reading what we write');
  }, 120_000);
});
