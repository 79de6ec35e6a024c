import { describe, expect, it, vi } from 'vitest';
import { Connection } from '../../../src/realtime/connection/connection.js';
import { LateSocket } from '../../../src/realtime/connection/late-socket.js';
import { platformSockets } from '../../../src/realtime/connection/platform.js';
import type { OpenSocket, SocketEnding } from '../../../src/realtime/connection/socket.js';
import { FakeNetwork, Recorder, settingsFor } from './support.js';

const URL_OF_NOBODY = 'ws://127.0.0.1:1/v1/ws';

function late() {
  const network = new FakeNetwork();
  const ends: SocketEnding[] = [];
  const events = { onOpen() {}, onMessage() {}, onEnd: (ending: SocketEnding) => void ends.push(ending) };
  let loaded: (open: OpenSocket) => void = () => {};
  let failed: (cause: unknown) => void = () => {};
  const loading = new Promise<OpenSocket>((resolve, reject) => {
    loaded = resolve;
    failed = reject;
  });
  const socket = new LateSocket(URL_OF_NOBODY, events, loading);
  return {
    network,
    ends,
    socket,
    load: () => loaded(network.openSocket),
    fail: (cause: unknown) => failed(cause),
  };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a socket whose class is still being loaded', () => {
  it('is the socket once it is there', async () => {
    const { network, socket, load } = late();
    expect([socket.canPing, socket.send('early'), socket.sendBatch(['early'])]).toEqual([
      false,
      false,
      false,
    ]);
    load();
    await turn();
    network.last.open();
    expect([socket.canPing, socket.send('a'), socket.sendBatch(['b'])]).toEqual([true, true, true]);
    socket.ping();
    socket.discard(1000, '');
    expect(network.last).toMatchObject({ sent: ['a', 'b'], pings: 1, state: 'discarded' });
  });

  it('STOP-1: never opens anything when it was given up before', async () => {
    const { network, socket, load, ends } = late();
    socket.discard(1000, '');
    load();
    await turn();
    expect([network.sockets, ends]).toEqual([[], []]);
  });

  it('tells why it could not be loaded', async () => {
    const { ends, fail } = late();
    const cause = new Error('no such class');
    fail(cause);
    await turn();
    expect(ends).toEqual([{ kind: 'not_opened', cause }]);
  });

  it('STOP-1: disconnect() at once after connect() ends it, and no socket is opened', async () => {
    const openSocket = vi.fn(platformSockets());
    const connection = new Connection(
      settingsFor({ baseUrl: 'http://127.0.0.1:1', openSocket }),
      new Recorder(),
    );
    const connecting = connection.connect();
    connecting.catch(() => {});
    await connection.close();
    await expect(connecting).rejects.toThrow('disconnect() was called');
    expect(connection.state).toBe('idle');
  });
});
