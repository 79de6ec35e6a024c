import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentChatClient } from 'agentchat-client';
import { type LocalServer, startLocalServer } from 'agentchat-client/local-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PhosonStandIn } from '../platforms/phoson/stand-in.js';
import { SomiaStandIn } from '../platforms/somia/stand-in.js';
import { SonzaiStandIn } from '../platforms/sonzai/stand-in.js';
import { endPrograms, runProgram } from './program.js';

/** The bots that think with an agent platform, each as its reader would run it, on a stand-in. */
describe('the examples with a brain elsewhere', () => {
  let server: LocalServer;
  let alice: AgentChatClient;
  let folder: string;
  let env: Record<string, string>;
  beforeEach(async () => {
    server = await startLocalServer({ limits: 'off' });
    alice = new AgentChatClient({ apiKey: server.createAgent('alice').apiKey, baseUrl: server.url });
    folder = await mkdtemp(join(tmpdir(), 'agentchat-brain-'));
    env = {
      AGENTCHAT_API_KEY: server.createAgent('bot').apiKey,
      AGENTCHAT_BASE_URL: server.url,
      STORE_PATH: join(folder, 'store'),
    };
  });
  afterEach(async () => {
    await endPrograms();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const answers = () =>
    server.allMessages().flatMap(({ sender, type, content }) => {
      return sender === 'bot' && type !== 'system' ? [content.text] : [];
    });

  async function ask(content: string, most: number): Promise<string | undefined> {
    await alice.sendMessage({ to: 'bot', content });
    await expect.poll(() => answers().length, { timeout: 30_000, message: content }).toBe(most);
    return answers().at(-1);
  }

  it('phoson streams a reply, and says why an agent is not there', async () => {
    const standIn = await PhosonStandIn.start({ apiKey: 'pk_123456' });
    const program = runProgram('examples/phoson.ts', [], {
      PHOSON_API_KEY: 'pk_123456',
      PHOSON_BASE_URL: standIn.url,
    });
    expect(await program.exit).toBe(0);
    expect(program.output()).toBe('Hello Ada (run_1)\n404 Agent not found\n');
    await standIn.close();
  }, 90_000);

  it('brain-phoson answers with what the agent says, and goes on in the same conversation after a restart', async () => {
    const standIn = await PhosonStandIn.start({ apiKey: 'pk_123456', reply: (text) => ['I heard: ', text] });
    const more = { PHOSON_API_KEY: 'pk_123456', PHOSON_AGENT_ID: 'agt_1', PHOSON_BASE_URL: standIn.url };
    const start = () => runProgram('examples/brain-phoson.ts', [], { ...env, ...more });
    const first = start();
    expect(await ask('one', 1)).toBe('I heard: one');
    expect(await first.stop()).toBe(0);
    const second = start();
    expect(await ask('two', 2)).toBe('I heard: two');
    expect(await second.stop()).toBe(0);
    expect([first.output(), second.output()]).toEqual(['', '']);
    expect(standIn.conversations).toMatchObject([{ agent_id: 'agt_1', messages: { length: 4 } }]);
    expect(server.undelivered('bot')).toEqual([]);
    await standIn.close();
  }, 90_000);

  it('sonzai streams a reply, tells a mood, and says why an agent is not there', async () => {
    const standIn = await SonzaiStandIn.start({ apiKey: 'sk-123456' });
    const program = runProgram('examples/sonzai.ts', [], {
      SONZAI_API_KEY: 'sk-123456',
      SONZAI_AGENT_ID: 'luna',
      SONZAI_BASE_URL: standIn.url,
    });
    expect(await program.exit).toBe(0);
    expect(program.output()).toBe('Hello! (5 tokens in a-session-of-mine)\ncontent\n404 agent\n');
    await standIn.close();
  }, 90_000);

  it('brain-sonzai answers in one session for each conversation, and speaks first, once, also when it is killed', async () => {
    const standIn = await SonzaiStandIn.start({
      apiKey: 'sk-123456',
      reply: (text, user) => [`I heard ${user}: `, text],
    });
    const more = {
      SONZAI_API_KEY: 'sk-123456',
      SONZAI_AGENT_ID: 'luna',
      SONZAI_BASE_URL: standIn.url,
      NOTIFICATIONS_EVERY_MS: '50',
    };
    const start = () => runProgram('examples/brain-sonzai.ts', [], { ...env, ...more });
    const consumed = () => standIn.notifications.every(({ status }) => status === 'consumed');
    const first = start();
    expect(await ask('one', 1)).toBe('I heard alice: one');
    standIn.isDeafToConsume = true;
    standIn.notify('alice', 'How was your day?');
    const asked = () => standIn.requests.filter(({ path }) => path.endsWith('/consume')).length;
    await expect.poll(asked, { timeout: 30_000 }).toBe(1);
    expect(await first.stop('SIGKILL')).toBe('SIGKILL');
    expect(answers()).toEqual(['I heard alice: one', 'How was your day?']);
    standIn.isDeafToConsume = false;
    const second = start();
    await expect.poll(consumed, { timeout: 30_000 }).toBe(true);
    expect(await ask('two', 3)).toBe('I heard alice: two');
    expect(await second.stop()).toBe(0);
    expect([first.output(), second.output()]).toEqual(['', '']);
    expect(new Set(standIn.chats.map(({ session_id }) => session_id)).size).toBe(1);
    expect(server.undelivered('bot')).toEqual([]);
    await standIn.close();
  }, 90_000);

  it('brain-somia answers with what the agent says, and goes on in the same session after a restart', async () => {
    const standIn = await SomiaStandIn.start({ apiKey: 'so-123456', reply: (text) => ['I heard: ', text] });
    const more = { SOMIA_API_KEY: 'so-123456', SOMIA_AGENT_ID: '7', SOMIA_BASE_URL: `${standIn.url}/api` };
    const start = () => runProgram('examples/brain-somia.ts', [], { ...env, ...more });
    const first = start();
    expect(await ask('one', 1)).toBe('I heard: one');
    expect(await first.stop()).toBe(0);
    const second = start();
    expect(await ask('two', 2)).toBe('I heard: two');
    expect(await second.stop()).toBe(0);
    expect([first.output(), second.output()]).toEqual(['', '']);
    expect(standIn.sessions).toMatchObject([{ history: { length: 4 } }]);
    expect(server.undelivered('bot')).toEqual([]);
    await standIn.close();
  }, 90_000);
});
