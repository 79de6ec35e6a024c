import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type LocalServer, startLocalServer } from '../../../src/local-server/index.js';
import { ACK, type Answer, Caller, connect } from '../kit.js';
import { withFolder } from './folders.js';

const PROGRAM = fileURLToPath(new URL('../programs/burst-server.ts', import.meta.url));

interface Address {
  readonly url: string;
  readonly wsUrl: string;
  readonly seeded: readonly { readonly handle: string; readonly apiKey: string }[];
}

/** A server in a process of its own. */
async function launch(dataDir: string): Promise<{ child: ChildProcess; server: LocalServer & Address }> {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  // A caller needs no more of a server than where it is.
  return { child, server: JSON.parse(line.toString()) as LocalServer & Address };
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function callerOf(server: LocalServer, seeded: Address['seeded'], handle: string): Caller {
  return new Caller(server, seeded.find((each) => each.handle === handle)?.apiKey ?? '');
}

describe('a server that is killed in the middle of a burst', () => {
  it(
    'has everything that it has answered, pushes what was not delivered, and knows the keys',
    () =>
      withFolder(async (dataDir) => {
        const { child, server } = await launch(dataDir);
        onTestFinished(() => void child.kill('SIGKILL'));
        const alice = callerOf(server, server.seeded, 'alice');
        const carol = callerOf(server, server.seeded, 'carol');
        const answered: Answer['body'][] = [];
        // Two senders, eight requests at a time each, until the server is no more.
        const sender = async (caller: Caller, name: string) => {
          for (let number = 1; ; number += 1) {
            const { status, body } = await caller.send('bob', `${name} ${number}`, `${name}-${number}`);
            if (status === 201) answered.push(body);
          }
        };
        const senders = Array.from({ length: 16 }, (_, number) =>
          sender(number % 2 === 0 ? alice : carol, `sender-${number}`).catch(() => undefined),
        );
        // What bob has acknowledged over its socket is delivered; the rest is not.
        const bob = await connect(callerOf(server, server.seeded, 'bob'), ACK);
        for (let number = 0; number < 20; number += 1) {
          const { payload } = await bob.next();
          bob.send({ type: 'ack', message_id: payload?.id });
        }
        await expect.poll(() => answered.length, { timeout: 20_000 }).toBeGreaterThan(200);
        await kill(child);
        await Promise.all(senders);

        const revived = await startLocalServer({ dataDir });
        try {
          const stored = new Map(revived.allMessages().map((message) => [message.id, message]));
          for (const body of answered) expect(stored.get(String(body.id))).toEqual(body);
          // Seqs stand without holes, and the next message takes the next one.
          for (const conversation of new Set([...stored.values()].map((each) => each.conversation_id))) {
            const seqs = revived.messagesOf(conversation).map(({ seq }) => seq);
            expect(seqs).toEqual(seqs.map((_, at) => at + 1));
          }
          const waiting = revived.undelivered('bob').length;
          expect(waiting).toBeGreaterThanOrEqual(stored.size - 20);
          const socket = await connect(callerOf(revived, server.seeded, 'bob'), ACK);
          const pushed = new Set((await socket.take(waiting)).map(({ payload }) => payload?.id));
          expect(pushed).toEqual(new Set(revived.undelivered('bob').map(({ id }) => id)));
          socket.close();
          const again = callerOf(revived, server.seeded, 'alice');
          const known = answered.find(({ sender }) => sender === 'alice');
          const replayed = await again.send('bob', 'whatever', String(known?.client_msg_id));
          expect([replayed.status, replayed.body.id]).toEqual([200, known?.id]);
          expect((await again.send('bob', 'next')).status).toBe(201);
        } finally {
          await revived.close();
        }
      }),
    60_000,
  );
});
