import { AgentChatClient, type Explanation, RealtimeClient, type RealtimeOptions } from 'agentchat-client';
import { type LocalServer, startLocalServer } from 'agentchat-client/local-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../src/clock/index.js';
import { page } from './pages.js';

/** What docs/troubleshooting.md says that `explain()` says: the quotation after a comment that names the case. */
const QUOTED = new Map(
  [...page('docs/troubleshooting.md').text.matchAll(/<!-- explain: ([\w-]+) -->\n> (.+)\n/g)].map(
    ([, name = '', text = '']) => [name, text],
  ),
);

/** The system's clock, with hands that can be moved for as long as somebody looks. */
function adjustable(): Clock & { aheadMs: number } {
  const clock = Object.create(systemClock) as Clock & { aheadMs: number };
  clock.aheadMs = 0;
  clock.now = () => systemClock.now() + clock.aheadMs;
  clock.wallNow = () => systemClock.wallNow() + clock.aheadMs;
  return clock;
}

/** Ids, ports and seconds differ from run to run: the page has these. */
function asOnThePage(text: string): string {
  return text
    .replace(/127\.0\.0\.1:\d{4,5}/g, '127.0.0.1:4000')
    .replace(/has waited \d+ s/, 'has waited 43 s')
    .replace(/arrived \d+ s ago/, 'arrived 0 s ago')
    .replace(/\bconv_\w{16}\b/g, 'conv_7pXkQ2mVtN4sBc9L')
    .replace(/\bmsg_\w{16}\b/g, 'msg_w3RfZ8yHdK1uJe6T');
}

/** Each case is a bot as its owner would have written it, on the local server, and what `explain()` then says. */
describe('docs/troubleshooting.md quotes what explain() says', () => {
  let server: LocalServer;
  let alice: AgentChatClient;
  const bots: RealtimeClient[] = [];

  beforeEach(async () => {
    server = await startLocalServer();
    alice = clientOf('alice');
  });
  afterEach(async () => {
    await Promise.all(bots.splice(0).map((bot) => bot.disconnect({ deadlineMs: 0 })));
    await server.close();
  });

  const clientOf = (handle: string) =>
    new AgentChatClient({ apiKey: server.createAgent(handle).apiKey, baseUrl: server.url });

  function bot(options: RealtimeOptions): RealtimeClient {
    const realtime = new RealtimeClient(options);
    bots.push(realtime);
    return realtime;
  }

  const CASES: Record<string, () => Promise<Explanation>> = {
    async 'wrong-key'() {
      const client = new AgentChatClient({ apiKey: 'ac_live_an_old_key', baseUrl: server.url });
      const realtime = bot({ client });
      realtime.on('message.new', () => {});
      await expect(realtime.connect()).rejects.toThrow();
      return realtime.explain();
    },

    async 'wrong-address'() {
      const client = new AgentChatClient({ apiKey: 'ac_live_a_good_key', baseUrl: 'http://127.0.0.1:1' });
      const realtime = bot({ client });
      const failed = new Promise((resolve) => void realtime.onError(resolve));
      void realtime.connect();
      await failed;
      return realtime.explain();
    },

    async 'wrong-event'() {
      const realtime = bot({ client: clientOf('bot') });
      realtime.onError(() => {});
      realtime.on('messages.new', () => {});
      await realtime.connect();
      return realtime.explain();
    },

    async 'slow-handler'() {
      const clock = adjustable();
      const realtime = bot({ client: clientOf('bot'), clock });
      const begun = new Promise<void>((resolve) => {
        realtime.on('message.new', () => {
          resolve();
          return new Promise(() => {});
        });
      });
      await realtime.connect();
      await alice.sendMessage({ to: 'bot', content: 'are you there?' });
      await begun;
      await alice.sendMessage({ to: 'bot', content: 'hello?' });
      await expect.poll(() => realtime.explain().totals.waiting).toBe(1);
      clock.aheadMs = 42_000;
      const explanation = realtime.explain();
      clock.aheadMs = 0;
      return explanation;
    },

    async 'failing-handler'() {
      const realtime = bot({ client: clientOf('bot'), handlerRetry: { retries: 0 } });
      const failed = new Promise((resolve) => void realtime.onError(resolve));
      realtime.on('message.new', () => {
        throw new TypeError("Cannot read properties of undefined (reading 'text')");
      });
      await realtime.connect();
      await alice.sendMessage({ to: 'bot', content: 'hi' });
      await failed;
      await expect.poll(() => realtime.explain().catchUp.draining).toBe(false);
      return realtime.explain();
    },

    async paused() {
      const realtime = bot({ client: clientOf('bot') });
      realtime.on('message.new', () => {});
      await realtime.connect();
      server.pause('bot', 'full');
      await expect.poll(() => realtime.explain().standing.pausedByOwner).toBe('full');
      return realtime.explain();
    },
  };

  it('has a quotation for each case, and no other', () => {
    expect([...QUOTED.keys()].sort()).toEqual(Object.keys(CASES).sort());
  });

  it.each(Object.entries(CASES))('%s', async (name, happen) => {
    const { summary } = await happen();
    expect(asOnThePage(summary)).toBe(QUOTED.get(name));
  });

  it('and what the failing handler said', async () => {
    const [error] = (await CASES['failing-handler']?.())?.recentErrors ?? [];
    const { text } = page('docs/troubleshooting.md');
    expect(text).toContain(`> ${asOnThePage(error?.message ?? 'nothing')}\n`);
  });
});
