import { AgentChatClient } from 'agentchat-client';
import { startLocalServer } from 'agentchat-client/local-server';
import { expect, it, onTestFinished } from 'vitest';
import { Child } from '../e2e/child.js';
import { describeWithServer } from '../support/servers/engines.js';
import { PostgresServer } from '../support/servers/postgres-server.js';
import { Chaos } from './chaos.js';

const SECONDS = 12;

/** Everything went wrong at least once, and nothing came of it. */
async function run(engine: 'postgres' | 'redis', pushTo: 'all' | 'one', seed: number): Promise<void> {
  const result = await Chaos.run({ engine, pushTo, seconds: SECONDS, seed });
  expect(result.violations).toEqual([]);
  expect(result.replies).toBe(result.sent);
  expect(result.sent).toBeGreaterThan(100);
  expect(result.kills + result.stops + result.restarts + result.storeRestarts).toBeGreaterThan(2);
}

/** A bot of the kit does not answer the same again and again. */
const WORDS = ['', 'there', 'again, after one was stopped', 'from Alice'];

describeWithServer('Postgres', 'three replicas on Postgres', () => {
  it('REP-1 to REP-7 answer each message once and in order, while processes and the store come and go', async () => {
    await run('postgres', 'one', 3);
  }, 120_000);

  it.each(['replica-bot', 'fleet-bot'])(
    'REP-5 examples/%s.ts goes on when one of two processes is told to stop',
    async (name) => {
      const store = await PostgresServer.start();
      onTestFinished(() => store.remove());
      const server = await startLocalServer({ port: 0, limits: 'off' });
      onTestFinished(() => server.close());
      process.env.DATABASE_URL = store.url();
      process.env.AGENTCHAT_API_KEY = server.createAgent('shop-bot').apiKey;
      process.env.AGENTCHAT_BASE_URL = server.url;
      onTestFinished(() => {
        for (const name of ['DATABASE_URL', 'AGENTCHAT_API_KEY', 'AGENTCHAT_BASE_URL'])
          delete process.env[name];
      });
      const program = new URL(`../../examples/${name}.ts`, import.meta.url);
      const bots = [await Child.start<never>(program, null), await Child.start<never>(program, null)];
      onTestFinished(async () => {
        await Promise.all(bots.map((bot) => bot.end()));
      });
      const alice = new AgentChatClient({ apiKey: server.createAgent('alice').apiKey, baseUrl: server.url });
      const replies = () => server.allMessages().filter(({ sender }) => sender === 'shop-bot').length;
      for (let n = 1; n <= 3; n += 1) {
        await alice.sendMessage({ to: 'shop-bot', content: { text: `hello ${WORDS[n]}` } });
        await expect.poll(replies, { timeout: 30_000, interval: 50 }).toBe(n);
        if (n > 2) continue;
        bots[n - 1]?.signal('SIGTERM');
        expect((await bots[n - 1]?.exit)?.code).toBe(0);
        if (n === 2) bots.push(await Child.start<never>(program, null));
      }
    },
    90_000,
  );
});

describeWithServer('Redis', 'three replicas on Redis', () => {
  it('REP-1 to REP-7 answer each message once and in order, while processes and the store come and go', async () => {
    await run('redis', 'all', 4);
  }, 120_000);
});
