import { WebSocket as MockWebSocket, Server } from 'mock-socket';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Connection } from '../../../src/realtime/connection/connection.js';
import { platformSockets } from '../../../src/realtime/connection/platform.js';
import type {
  WebSocketConstructor,
  WebSocketEventLike,
  WebSocketLike,
} from '../../../src/realtime/connection/socket.js';
import { W3cSocket } from '../../../src/realtime/connection/w3c-socket.js';
import { Recorder, settingsFor } from './support.js';

const URL = 'ws://127.0.0.1:49001';

let server: Server | null = null;
afterEach(() => {
  server?.stop();
  server = null;
  vi.unstubAllGlobals();
});

/** A mock service that answers a hello, and echoes every other frame. */
function serve(): Server {
  server = new Server(`${URL}/v1/ws`);
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const { type } = JSON.parse(String(data));
      socket.send(type === 'hello' ? '{"type":"hello.ok","capabilities":["ack"]}' : String(data));
    });
  });
  return server;
}

/** The least that a class of sockets may have. It answers a hello. */
class BareSocket {
  readyState = 0;
  onopen: ((event: WebSocketEventLike) => void) | null = null;
  onmessage: ((event: WebSocketEventLike) => void) | null = null;
  onclose: ((event: WebSocketEventLike) => void) | null = null;
  onerror: ((event: WebSocketEventLike) => void) | null = null;

  constructor(readonly url: string) {}

  open(): void {
    this.readyState = 1;
    this.onopen?.({ type: 'open' });
  }

  send(data: string): void {
    if (JSON.parse(data).type === 'hello') this.onmessage?.({ type: 'message', data: '{"type":"hello.ok"}' });
  }

  close(code = 1000): void {
    this.end(code);
  }

  end(code: number): void {
    this.readyState = 3;
    this.onclose?.({ type: 'close', code, reason: '', wasClean: code !== 1006 });
  }
}

describe('a class of sockets that follows the standard', () => {
  it('the browsers’ own type fits', () => {
    const types: WebSocketConstructor[] = [globalThis.WebSocket, MockWebSocket];
    expect(types).toHaveLength(2);
  });

  it('connects, receives, sends in order and closes', async () => {
    serve();
    const recorder = new Recorder();
    const connection = new Connection(settingsFor({ baseUrl: URL, webSocket: MockWebSocket }), recorder);
    await connection.connect();
    expect(connection.session?.ackMode).toBe(true);
    expect(connection.send('{"type":"a"}')).toBe(true);
    expect(connection.write(['{"type":"b"}', '{"type":"c"}'])).toBe(true);
    await recorder.until(() => recorder.frames.length === 3);
    expect(recorder.frames.map(({ type }) => type)).toEqual(['a', 'b', 'c']);
    await connection.close();
    expect(connection.state).toBe('idle');
  });

  it('that has nothing but onopen, onmessage, onclose and onerror will do', async () => {
    const sockets: BareSocket[] = [];
    class Counted extends BareSocket {
      constructor(url: string) {
        super(url);
        sockets.push(this);
      }
    }
    const recorder = new Recorder();
    const connection = new Connection(settingsFor({ baseUrl: URL, webSocket: Counted }), recorder);
    const connecting = connection.connect();
    await vi.waitUntil(() => sockets.length === 1);
    const [socket] = sockets;
    socket?.open();
    await connecting;
    socket?.onmessage?.({ type: 'message', data: '{"type":"a"}' });
    expect(recorder.frames).toEqual([{ type: 'a' }]);
    socket?.end(1006);
    expect(recorder.disconnects).toMatchObject([{ code: 1006, wasClean: false }]);
    // The old socket is fenced: what it still says is not heard, and its error goes nowhere.
    expect(socket?.onmessage).toBeNull();
    socket?.onerror?.({ type: 'error', message: 'late' });
    await connection.close();
  });

  it('outside Node the platform’s own is taken', async () => {
    serve();
    vi.stubGlobal('process', Object.create(process, { versions: { value: {} } }));
    vi.stubGlobal('WebSocket', MockWebSocket);
    const recorder = new Recorder();
    const connection = new Connection(settingsFor({ baseUrl: URL }), recorder);
    await connection.connect();
    expect(connection.state).toBe('connected');
    await connection.close();
  });

  it('a class that throws is a failed attempt that says what to do', async () => {
    class Broken {
      constructor() {
        throw new Error('no sockets here');
      }
    }
    const recorder = new Recorder();
    const connection = new Connection(
      settingsFor({
        baseUrl: URL,
        reconnect: false,
        webSocket: Broken as unknown as WebSocketConstructor,
      }),
      recorder,
    );
    await expect(connection.connect()).rejects.toThrow(/no sockets here/);
  });
});

/** A standard socket that writes down what is asked of it. */
class Spy implements WebSocketLike {
  readyState = 1;
  readonly closes: unknown[][] = [];
  readonly listeners = new Map<string, Set<(event: WebSocketEventLike) => void>>();
  strict = true;

  send(): void {
    throw new Error('gone');
  }
  close(...args: unknown[]): void {
    if (this.strict && args.length > 0 && args[0] !== 1000 && Number(args[0]) < 3000) throw new Error('code');
    this.closes.push(args);
  }
  addEventListener(type: string, listener: (event: WebSocketEventLike) => void): void {
    const all = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, all.add(listener));
  }
  removeEventListener(type: string, listener: (event: WebSocketEventLike) => void): void {
    this.listeners.get(type)?.delete(listener);
  }
  fire(event: WebSocketEventLike): void {
    for (const listener of this.listeners.get(event.type) ?? []) listener(event);
  }
  count(): number {
    return [...this.listeners.values()].reduce((sum, all) => sum + all.size, 0);
  }
}

describe('the adapter of standard sockets', () => {
  const events = () => ({ onOpen: vi.fn(), onMessage: vi.fn(), onEnd: vi.fn() });

  it('passes text and anything else on, and counts it as life', () => {
    const spy = new Spy();
    const told = events();
    const socket = new W3cSocket(spy, told);
    spy.fire({ type: 'message', data: 'text' });
    const bytes = new Uint8Array(1);
    spy.fire({ type: 'message', data: bytes });
    expect(told.onMessage.mock.calls).toEqual([['text'], [bytes]]);
    expect(socket.activity()).toBe(2);
    expect(socket.canPing).toBe(false);
  });

  it('sends nothing when it is not open, and survives a send that throws', () => {
    const spy = new Spy();
    const socket = new W3cSocket(spy, events());
    expect(socket.send('x')).toBe(false);
    expect(socket.sendBatch(['x', 'y'])).toBe(false);
    spy.readyState = 0;
    expect(socket.send('x')).toBe(false);
    expect(socket.unsentBytes()).toBe(0);
  });

  it('is fenced by discard(): no listener of ours is left but one for late errors', () => {
    const spy = new Spy();
    const told = events();
    const socket = new W3cSocket(spy, told);
    socket.discard(1008, 'HELLO ack timeout');
    expect(spy.closes).toEqual([[]]);
    spy.fire({ type: 'close', code: 1000 });
    spy.fire({ type: 'error', message: 'late' });
    expect(told.onEnd).not.toHaveBeenCalled();
    expect(spy.count()).toBe(1);
  });

  it('says goodbye with 1000 where it may', () => {
    const spy = new Spy();
    new W3cSocket(spy, events()).close(1000, 'bye');
    expect(spy.closes).toEqual([[1000, 'bye']]);
  });

  it('a close event without its fields is an abnormal one, with the error before it as the cause', () => {
    const spy = new Spy();
    const told = events();
    new W3cSocket(spy, told);
    spy.fire({ type: 'error', message: 'network' });
    spy.fire({ type: 'close' });
    expect(told.onEnd).toHaveBeenCalledWith({
      kind: 'closed',
      code: 1006,
      reason: '',
      wasClean: false,
      cause: 'network',
    });
  });

  it('a stand-in may call its listeners without an event', () => {
    const told = events();
    const bare = new BareSocket('ws://x') as unknown as WebSocketLike & Record<string, () => void>;
    new W3cSocket(bare, told);
    for (const name of ['onopen', 'onmessage', 'onerror', 'onclose']) bare[name]?.();
    expect(told.onOpen).toHaveBeenCalledOnce();
    expect(told.onEnd).toHaveBeenCalledWith(
      expect.objectContaining({ kind: 'closed', code: 1006, reason: '', wasClean: false }),
    );
  });

  it('is used for whatever has no ping', () => {
    const open = platformSockets(Spy as unknown as WebSocketConstructor);
    expect(open('ws://x', events())).toBeInstanceOf(W3cSocket);
  });
});

describe('a class in the place of the global WebSocket', () => {
  it('is used on Node too, so that a test never reaches the service', () => {
    vi.stubGlobal('WebSocket', BareSocket);
    const socket = platformSockets()(URL, { onOpen() {}, onMessage() {}, onEnd() {} } as never);
    expect(socket).toBeInstanceOf(W3cSocket);
  });

  it('is not, when it is the own one of the runtime', () => {
    class Native {
      static {
        Object.defineProperty(Native, 'toString', { value: () => 'not asked' });
      }
      readonly webidl = 'as in the source of Node';
    }
    vi.stubGlobal('WebSocket', Native);
    const socket = platformSockets()(URL, { onOpen() {}, onMessage() {}, onEnd() {} } as never);
    expect(socket).not.toBeInstanceOf(W3cSocket);
    socket.discard(1000, '');
  });
});
