import * as official from 'agentchatme';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import * as here from '../../src/index.js';
import type { DifferenceName } from './differences.js';
import { Stub, welcome } from './stub.js';

type Package = typeof official;
const ours = here as unknown as Package;

const APIKEY = 'ac_live_a_key_of_the_stub';
const AT = '2026-01-01T00:00:00.000Z';

let stub: Stub;
beforeAll(async () => {
  stub = await Stub.start();
});
afterAll(() => stub.close());

const message = (seq: number) => ({
  type: 'message.new',
  payload: {
    id: `msg_${seq}`,
    conversation_id: 'conv_1',
    sender: 'alice',
    client_msg_id: `c${seq}`,
    seq,
    type: 'text',
    content: { text: `${seq}` },
    metadata: {},
    created_at: AT,
  },
});

/** What a user is told while a socket lives, in the order in which it is told. */
class Diary {
  readonly entries: unknown[] = [];
  readonly realtime: official.RealtimeClient;
  readonly write = (...entry: unknown[]): void => {
    this.entries.push(entry.length === 1 ? entry[0] : entry);
    stub.look();
  };

  constructor(whose: Package, options: Partial<official.RealtimeOptions> = {}) {
    this.realtime = new whose.RealtimeClient({ apiKey: APIKEY, baseUrl: stub.url, ...options });
    this.realtime.onConnect(() => this.write('connected'));
    this.realtime.onDisconnect(({ code, reason, wasClean }) => this.write('lost', code, reason, wasClean));
    this.realtime.onError((error) =>
      this.write(
        'error',
        error instanceof whose.ConnectionError,
        /terminal code \d+/.exec(error.message)?.[0],
      ),
    );
  }

  /** Connects, and waits for the service's welcome: the official client does not. */
  async connected(): Promise<this> {
    const connecting = this.realtime.connect();
    await stub.until(() => this.entries.includes('connected'));
    await connecting;
    return this;
  }

  async until(count: number): Promise<void> {
    await stub.until(() => this.entries.length >= count);
  }
}

/** A socket as a mock or a polyfill may be: no listeners but these four. */
class BareSocket {
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: unknown) => void) | null = null;
  onclose: ((event: unknown) => void) | null = null;
  onerror: ((event: unknown) => void) | null = null;
  readonly #socket: WebSocket;

  constructor(url: string) {
    this.#socket = new WebSocket(url);
    this.#socket.onopen = (event) => this.onopen?.(event);
    this.#socket.onmessage = (event) => this.onmessage?.({ type: 'message', data: String(event.data) });
    this.#socket.onclose = ({ code, reason, wasClean }) =>
      this.onclose?.({ type: 'close', code, reason, wasClean });
    this.#socket.onerror = (event) => this.onerror?.(event);
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  send(data: string): void {
    this.#socket.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#socket.close(code, reason);
  }
}

interface Scene {
  readonly name: string;
  /** What the stub sends after the greeting; default: nothing. */
  readonly onHello?: (socket: WebSocket) => void;
  readonly play: (diary: Diary, whose: Package) => Promise<void>;
  /** Why ours comes to something else, if it does. */
  readonly differs?: DifferenceName;
  /** What is to be compared besides the diary: the frames that the stub got. */
  readonly frames?: boolean;
  readonly options?: Partial<official.RealtimeOptions>;
}

const greeted =
  (...frames: unknown[]) =>
  (socket: WebSocket): void => {
    welcome(socket);
    for (const frame of frames) socket.send(JSON.stringify(frame));
  };

const closing = (code: number, reason: string) => (socket: WebSocket) => socket.close(code, reason);

const SCENES: readonly Scene[] = [
  {
    name: 'the greeting, with who is calling',
    options: { clientIdentity: { name: 'mcp', version: '1' } },
    frames: true,
    play: async (diary) => void (await diary.connected()),
  },
  {
    name: 'messages in order, and their acks',
    options: { clientIdentity: { name: 'mcp', version: '1' } },
    onHello: greeted(message(1), message(2), message(3)),
    frames: true,
    play: async (diary) => {
      diary.realtime.on('message.new', ({ type, payload }) => diary.write(type, payload));
      await diary.connected();
      await diary.until(4);
      await stub.until(() => stub.frames.filter(({ type }) => type === 'ack').length >= 3);
    },
  },
  {
    name: 'a message that comes again while its handler is at work',
    onHello: greeted(message(1), message(2), message(2), { type: 'typing.start', payload: {} }),
    differs: 'handledOnce',
    play: async (diary) => {
      diary.realtime.on('message.new', ({ payload }) => {
        diary.write(payload.seq);
        if (payload.seq === 1) return;
        return new Promise<void>((resolve) => void diary.realtime.on('typing.start', () => resolve()));
      });
      diary.realtime.on('typing.start', ({ type }) => diary.write(type));
      await diary.connected();
      await stub.until(() => diary.entries.includes('typing.start'));
    },
  },
  {
    name: 'a socket class that has nothing but onopen, onmessage, onclose and onerror',
    options: {
      webSocket: BareSocket as unknown as typeof globalThis.WebSocket,
      reconnect: true,
      reconnectInterval: 60_000,
    },
    onHello: greeted(message(1)),
    play: async (diary) => {
      diary.realtime.on('message.new', ({ payload }) => diary.write(payload.seq));
      await diary.connected();
      await diary.until(2);
      for (const socket of stub.clients) socket.close(1012, 'restart');
      await diary.until(3);
    },
  },
  {
    name: 'a loss with `reconnect: false`',
    differs: 'givenUpTold',
    play: async (diary) => {
      await diary.connected();
      for (const socket of stub.clients) socket.close(1012, 'restart');
      await diary.until(2);
      await new Promise<void>((resolve) => setImmediate(resolve));
    },
  },
  {
    name: 'other events, also unknown ones, to one handler for all',
    onHello: greeted(
      { type: 'typing.start', payload: { conversation_id: 'conv_1', sender: 'alice' }, id: 'evt_1' },
      { type: 'message.read', payload: { conversation_id: 'conv_1', through_seq: 3, reader: 'alice' } },
      { type: 'presence.update', payload: { handle: 'alice', status: 'busy', custom_message: null } },
      { type: 'moon.rise', payload: { phase: 'full' } },
    ),
    play: async (diary) => {
      const all = (event: official.WsMessage) => diary.write(event);
      for (const type of ['typing.start', 'message.read', 'presence.update', 'moon.rise']) {
        diary.realtime.on(type, all);
      }
      await diary.connected();
      await diary.until(5);
    },
  },
  {
    name: 'a function that is registered twice, and its off',
    onHello: greeted(message(1), { type: 'typing.stop', payload: {} }, { type: 'typing.start', payload: {} }),
    play: async (diary) => {
      const once = ({ type }: official.WsMessage) => diary.write(type);
      diary.realtime.on('message.new', once);
      diary.realtime.on('message.new', once);
      const off = diary.realtime.on('typing.stop', once);
      diary.realtime.on('typing.stop', once);
      off();
      diary.realtime.on('typing.start', once);
      await diary.connected();
      await diary.until(3);
    },
  },
  {
    name: 'what a bot sends',
    options: { clientIdentity: { name: 'mcp', version: '1' } },
    frames: true,
    play: async (diary) => {
      const { realtime } = await diary.connected();
      realtime.sendTypingStart('conv_1');
      realtime.sendTypingStop('conv_1');
      realtime.sendReadAck('conv_1', 12);
      realtime.send({ type: 'presence.update', payload: { status: 'busy' } });
      diary.write(realtime.isConnected);
      await stub.until(() => stub.frames.length === 5);
    },
  },
  {
    name: 'a bot that sends without a connection',
    play: async (diary, whose) => {
      try {
        diary.realtime.sendReadAck('conv_1', 12);
      } catch (error) {
        diary.write(error instanceof whose.ConnectionError, (error as Error).name);
      }
      diary.write(diary.realtime.isConnected);
    },
  },
  ...[1008, 4401, 4403].map((code) => ({
    name: `a key that is refused with ${code}`,
    onHello: closing(code, 'no such key'),
    play: async (diary: Diary) => {
      diary.realtime.connect().catch(() => {});
      await diary.until(2);
    },
  })),
  {
    name: 'the end that the bot makes: onDisconnect is not told',
    play: async (diary) => {
      await diary.connected();
      const closed = new Promise<void>((resolve) => {
        for (const socket of stub.clients) socket.once('close', () => resolve());
      });
      await diary.realtime.disconnect();
      await closed;
      diary.write(diary.realtime.isConnected);
    },
  },
];

async function played(whose: Package, { onHello = welcome, play, options }: Scene) {
  stub.reset([{ body: [] }], onHello);
  const diary = new Diary(whose, { reconnect: false, ...options });
  try {
    await play(diary, whose);
    return { diary: [...diary.entries], frames: [...stub.frames] };
  } finally {
    await diary.realtime.disconnect();
  }
}

describe('new RealtimeClient({ client })', () => {
  it('takes key and address of the client', async () => {
    stub.reset([{ body: [] }]);
    const realtime = new here.RealtimeClient({
      client: new here.AgentChatClient({ apiKey: APIKEY, baseUrl: stub.url }),
      handle: 'bot',
    });
    await realtime.connect();
    expect(stub.frames[0]).toMatchObject({ type: 'hello', api_key: APIKEY });
    await realtime.disconnect();
  });
});

describe('what comes over the socket', () => {
  it.each(SCENES)('$name: the same as with the official package', async (scene) => {
    const theirs = await played(official, scene);
    const mine = await played(ours, scene);
    if (scene.differs === undefined) expect(mine.diary).toEqual(theirs.diary);
    else expect(mine.diary).not.toEqual(theirs.diary);
    if (scene.frames === true) expect(mine.frames).toEqual(theirs.frames);
  });
});
