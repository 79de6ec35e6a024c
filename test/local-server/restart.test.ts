import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ConnectionError } from '../../src/errors/index.js';
import { startLocalServer } from '../../src/local-server/index.js';
import { ACK, agent, connect, Socket, seqs, withServer } from './kit.js';

/** Repeats a call whose kept-alive connection the restart has ended. */
async function again<Result>(call: () => Promise<Result>): Promise<Result> {
  return call().catch(call).catch(call);
}

describe('restart', () => {
  it('comes back on the same port with everything that was stored', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const conversation = await alice.sendMany('bob', 3);
      const before = (await bob.sync()).body;
      await server.restart();
      expect((await again(() => bob.sync())).body).toEqual(before);
      expect((await again(() => alice.send('bob', 'again', 'own-1'))).status).toBe(200);
      expect((await alice.send('bob', 'next')).body).toMatchObject({ conversation_id: conversation, seq: 4 });
      const socket = await connect(bob, ACK);
      expect(seqs(await socket.take(4))).toEqual([1, 2, 3, 4]);
      socket.close();
    }));

  it.each([
    [false, 1012],
    [true, 1006],
  ])('closes sockets properly, or abruptly (%s)', (abrupt, code) =>
    withServer({}, async (server) => {
      const socket = await connect(agent(server, 'bob'));
      const unknown = new Socket(server, '', { silent: true });
      await new Promise((resolve) => unknown.ws.once('open', resolve));
      await server.restart({ abrupt });
      expect((await socket.closed).code).toBe(code);
      expect((await unknown.closed).code).toBe(code);
      expect(server.connections()).toBe(0);
    }),
  );

  it('refuses connections while it is down, and cuts what is under way', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.faults.next('restStall', { ms: 600_000 });
      const cut = alice.call('GET', '/v1/agents/me').catch(() => 'cut');
      await expect.poll(() => server.faults.counts().restStall).toBe(1);
      const restarted = server.restart({ downMs: 300 });
      expect(await cut).toBe('cut');
      await expect
        .poll(() =>
          alice.sync().then(
            () => 'up',
            () => 'down',
          ),
        )
        .toBe('down');
      await restarted;
      expect((await again(() => alice.sync())).status).toBe(200);
    }));

  it('keeps faults, and ends half-open connections', () =>
    withServer({ faults: { dropFrames: 1 } }, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const silent = await connect(bob, ACK);
      server.faults.halfOpen();
      await server.restart();
      await silent.closed;
      const socket = await connect(bob, ACK);
      expect((await again(() => alice.send('bob', 'dropped', 'one'))).body.seq).toBe(1);
      await socket.settled();
      expect(socket.frames).toHaveLength(1);
      socket.close();
    }));

  it('restarts one after the other', () =>
    withServer({}, async (server) => {
      const bob = agent(server, 'bob');
      await Promise.all([server.restart(), server.restart({ downMs: 20 }), server.restart({ abrupt: true })]);
      expect((await again(() => bob.sync())).status).toBe(200);
    }));
});

describe('close', () => {
  it('ends sockets with 1001, may be repeated, and cuts a restart short', async () => {
    const server = await startLocalServer();
    const socket = await connect(agent(server, 'bob'));
    await Promise.all([server.close(), server.close()]);
    expect((await socket.closed).code).toBe(1001);
    await server.close();
    await expect(server.restart()).rejects.toBeInstanceOf(ConnectionError);

    const other = await startLocalServer();
    const restarting = other.restart({ downMs: 600_000 });
    await other[Symbol.asyncDispose]();
    await restarting;
    await expect(fetch(other.url)).rejects.toThrow();
  });

  it('leaves no handle: a program that closed its server ends by itself', { timeout: 60_000 }, async () => {
    const program = fileURLToPath(new URL('./programs/leaves-nothing.ts', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', program], {
      timeout: 50_000,
    });
    expect(stdout.trim()).toBe('closed with 0 handles');
  });
});

describe('start', () => {
  it('takes the port that is asked for, and reports one that is in use', async () => {
    const first = await startLocalServer();
    expect(first.url).toBe(`http://127.0.0.1:${first.port}`);
    expect(first.wsUrl).toBe(`ws://127.0.0.1:${first.port}`);
    await expect(startLocalServer({ port: first.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.close();
    const second = await startLocalServer({ port: first.port });
    expect(second.port).toBe(first.port);
    await second.close();
  });

  it('listens on 127.0.0.1 only', () =>
    withServer({}, async (server) => {
      // The same port on another loopback address is still free.
      const other = createServer();
      await new Promise<void>((resolve, reject) => {
        other.once('error', reject);
        other.listen(server.port, '127.0.0.2', resolve);
      });
      await new Promise((resolve) => other.close(resolve));
    }));
});
