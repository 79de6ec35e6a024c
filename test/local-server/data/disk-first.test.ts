import { afterEach, describe, expect, it, vi } from 'vitest';
import { DataFolder } from '../../../src/local-server/data/folder.js';
import { type LocalServer, startLocalServer } from '../../../src/local-server/index.js';
import { ACK, Caller, connect } from '../kit.js';
import { withFolder } from './folders.js';

afterEach(() => vi.restoreAllMocks());

/** A disk that writes when it is told to. */
class SlowDisk {
  #waiting: (() => void)[] = [];
  #begun = 0;
  #told: (() => void)[] = [];

  constructor() {
    const { write } = DataFolder.prototype;
    const disk = this;
    vi.spyOn(DataFolder.prototype, 'write').mockImplementation(async function (this: DataFolder, changes) {
      await disk.#turn();
      await write.call(this, changes);
    });
  }

  /** Resolves when so many writes have begun. */
  async begun(count: number): Promise<void> {
    while (this.#begun < count) await new Promise<void>((resolve) => this.#told.push(resolve));
  }

  /** Lets the write that waits go on. */
  next(): void {
    this.#waiting.shift()?.();
  }

  /** Lets all writes go on, from now on. */
  release(): void {
    vi.restoreAllMocks();
    for (const go of this.#waiting.splice(0)) go();
  }

  #turn(): Promise<void> {
    this.#begun += 1;
    for (const tell of this.#told.splice(0)) tell();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** A server on a folder with alice and bob, all of it written. */
async function withAgents(
  test: (server: LocalServer, alice: Caller, bob: Caller) => Promise<void>,
): Promise<void> {
  await withFolder(async (dataDir) => {
    const server = await startLocalServer({ dataDir, agents: ['alice', 'bob'] });
    try {
      const [alice, bob] = server.seeded.map(({ apiKey }) => new Caller(server, apiKey ?? ''));
      if (alice === undefined || bob === undefined) throw new Error('not seeded');
      await test(server, alice, bob);
    } finally {
      await server.close();
    }
  });
}

/** Resolves when the server has stored so many messages. */
async function stored(server: LocalServer, count: number): Promise<void> {
  await vi.waitFor(() => expect(server.allMessages()).toHaveLength(count), { interval: 5 });
}

describe('what leaves a server with a data folder has reached the disk', () => {
  it('a backlog is pushed without the messages that came while it was written', () =>
    withAgents(async (server, alice, bob) => {
      const disk = new SlowDisk();
      try {
        const first = alice.send('bob', 'first');
        await disk.begun(1);
        const socket = await connect(bob, ACK);
        const second = alice.send('bob', 'second');
        await stored(server, 2);
        disk.next();
        await first;
        await disk.begun(2);
        await socket.settled();
        expect(socket.frames.map(({ payload }) => payload?.seq)).toEqual([undefined, 1]);
        disk.release();
        await second;
        await socket.take(2);
        expect(socket.frames.map(({ payload }) => payload?.seq)).toEqual([undefined, 1, 2]);
        socket.close();
      } finally {
        disk.release();
      }
    }));

  it('what waited for an agent that was paused is pushed when it is written', () =>
    withAgents(async (server, alice, bob) => {
      const socket = await connect(bob, ACK);
      server.pause('bob', 'full');
      await alice.send('bob', 'first');
      const disk = new SlowDisk();
      try {
        const second = alice.send('bob', 'second');
        await disk.begun(1);
        const third = alice.send('bob', 'third');
        await stored(server, 3);
        server.pause('bob', 'none');
        await socket.settled();
        expect(socket.frames).toHaveLength(1);
        // The second message may go out as soon as it is written, but never in the place of the first.
        disk.next();
        await second;
        await disk.begun(2);
        await socket.settled();
        expect(socket.frames).toHaveLength(1);
        disk.release();
        await third;
        await socket.take(3);
        expect(socket.frames.map(({ payload }) => payload?.seq)).toEqual([undefined, 1, 2, 3]);
        socket.close();
      } finally {
        disk.release();
      }
    }));

  it('an answer of the control is no exception', () =>
    withAgents(async (server, _alice, bob) => {
      const disk = new SlowDisk();
      try {
        let isAnswered = false;
        const answer = new Caller(server, server.control.token)
          .call('POST', '/_local/agents', { handle: 'dora' })
          .finally(() => {
            isAnswered = true;
          });
        await disk.begun(1);
        // Time for an answer that does not wait.
        const socket = await connect(bob);
        await socket.settled();
        socket.close();
        expect(isAnswered).toBe(false);
        disk.release();
        expect((await answer).body.handle).toBe('dora');
      } finally {
        disk.release();
      }
    }));
});
