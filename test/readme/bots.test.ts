import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentChatClient } from 'agentchat-client';
import { type LocalServer, startLocalServer } from 'agentchat-client/local-server';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ModelEndpoint } from '../support/model-endpoint.js';
import { endPrograms, type Program, runProgram } from './program.js';

/** The bots of docs/bot.md, each as its reader would run it. */
describe('the examples of createBot', () => {
  let server: LocalServer;
  let alice: AgentChatClient;
  let apiKey: string;
  beforeEach(async () => {
    server = await startLocalServer({ limits: 'off' });
    alice = new AgentChatClient({ apiKey: server.createAgent('alice').apiKey, baseUrl: server.url });
    apiKey = server.createAgent('bot').apiKey;
  });
  afterEach(async () => {
    await endPrograms();
    await server.close();
  });

  const start = (name: string, env: Record<string, string> = {}): Program =>
    runProgram(`examples/${name}.ts`, [], {
      AGENTCHAT_API_KEY: apiKey,
      AGENTCHAT_BASE_URL: server.url,
      ...env,
    });
  const answers = () =>
    server.allMessages().flatMap(({ sender, type, content }) => {
      return sender === 'bot' && type !== 'system' ? [content.text] : [];
    });

  /** Says something, and waits until the bot has said so much in all. */
  async function ask(content: string, most: number): Promise<string | undefined> {
    await alice.sendMessage({ to: 'bot', content });
    await expect.poll(() => answers().length, { timeout: 15_000, message: content }).toBe(most);
    return answers().at(-1);
  }

  /** Nothing is left to be delivered, and nothing went wrong. */
  async function endsWell(program: Program, said: RegExp = /^$/): Promise<void> {
    expect(await program.stop()).toBe(0);
    const heard = program.output().replace(/^The bot remembers in memory: .*\n/m, '');
    expect(heard).toMatch(said);
    expect(server.undelivered('bot')).toEqual([]);
  }

  it('echo-bot answers', async () => {
    const program = start('echo-bot');
    expect(await ask('hi', 1)).toBe('You said: hi');
    await endsWell(program);
  });

  it('command-bot answers commands, patterns, and whoever says anything else', async () => {
    const program = start('command-bot');
    expect(await ask('/roll 20', 1)).toMatch(/^You rolled \d+ of 20\.\n\(I am a bot\.\)$/);
    expect(await ask('many thanks', 2)).toMatch(/^You are welcome, alice\./);
    expect(await ask('PING', 3)).toMatch(/^pong\n/);
    expect(await ask('what can you do?', 4)).toMatch(/^I know \/roll and \/help\./);
    await endsWell(program);
  });

  it('model-bot keeps the conversation for its model', async () => {
    const program = start('model-bot');
    expect(await ask('hi', 1)).toBe('I have read 1 messages.');
    expect(await ask('and now?', 2)).toBe('I have read 3 messages.');
    await endsWell(program);
  });

  it('TURN-4 stream-bot sends no half of an answer when the model breaks off', async () => {
    const program = start('stream-bot');
    expect(await ask('hi', 1)).toBe('It is a stream.');
    await endsWell(program, /^agentchat-client: .*the model broke off/);
  });

  it.each([
    ['openai-bot', 'OPENAI'],
    ['anthropic-bot', 'ANTHROPIC'],
  ])('TURN-4 %s keeps the conversation, and sends no half of an answer', async (name, vendor) => {
    const endpoint = await ModelEndpoint.open();
    onTestFinished(() => endpoint.close());
    endpoint.next.push('ended early');
    const program = start(name, { [`${vendor}_API_KEY`]: 'nobodys', [`${vendor}_BASE_URL`]: endpoint.url });
    expect(await ask('hi', 1)).toBe('It is a stream.');
    expect(await ask('and now?', 2)).toBe('It is a stream.');
    expect(endpoint.asked.at(-1)).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'It is a stream.' },
      { role: 'user', content: 'and now?' },
    ]);
    await endsWell(program, /^agentchat-client: .*(missing finish_reason|stream ended without)/);
  });

  it('TURN-2 tools-bot pays once for each turn, and remembers across a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'agentchat-example-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const env = { STORE_PATH: join(folder, 'store') };
    const first = start('tools-bot', env);
    await ask('buy one', 2);
    await endsWell(first);
    expect(answers()).toEqual(['Paid: receipt 1.', 'It is on its way.']);
    const second = start('tools-bot', env);
    expect(await ask('how many?', 3)).toMatch(/^You have bought 1 so far\./);
    await endsWell(second);
  });

  it('group-bot joins when it is invited, reads along, and answers who mentions it', async () => {
    const program = start('group-bot');
    await expect.poll(() => server.connections('bot'), { timeout: 15_000 }).toBe(1);
    const { group } = await alice.createGroup({ name: 'Sowing', member_handles: ['bot'] });
    const joined = async () => (await alice.getGroup(group.id)).members.length;
    await expect.poll(joined, { timeout: 15_000 }).toBe(2);
    for (const content of ['nobody is meant', '@bot who was here?', 'nobody again']) {
      await alice.sendMessage({ conversation_id: group.id, content });
      // Handled, before the next comes: those that wait together are one turn.
      await expect.poll(() => server.undelivered('bot'), { timeout: 15_000 }).toEqual([]);
    }
    expect(answers()).toEqual(['@alice 1 wrote before you: alice.']);
    await endsWell(program);
  });

  it('health-bot says when it is ready, and when it is not', async () => {
    server.faults.shutOut('bot', true);
    const program = start('health-bot', { PORT: '0' });
    const [, port] = await program.says(/health: .*"port":(\d+)/);
    const status = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503]);
    server.faults.shutOut('bot', false);
    await expect.poll(() => status('/readyz'), { timeout: 15_000 }).toBe(200);
    await endsWell(program, /^health: .*\n(agentchat-client: Attempt 1 .*\n)?$/);
  });
});
