import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentChatClient } from 'agentchat-client';
import { type LocalServer, startLocalServer } from 'agentchat-client/local-server';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { endPrograms, runProgram } from './program.js';

/** Each example runs as a process of its own, as its reader would run it, against a local server. */
describe('the examples', { timeout: 60_000 }, () => {
  let server: LocalServer;
  beforeEach(async () => {
    server = await startLocalServer({ limits: 'off' });
  });
  afterEach(async () => {
    await endPrograms();
    await server.close();
  });

  const environment = (apiKey: string) => ({ AGENTCHAT_API_KEY: apiKey, AGENTCHAT_BASE_URL: server.url });

  /** An agent and its client. */
  const agent = async (handle: string) => {
    const { apiKey } = server.createAgent(handle);
    return { apiKey, client: new AgentChatClient({ apiKey, baseUrl: server.url }) };
  };

  it.each(['examples/bot.ts', 'examples/always-on-bot.ts'])('%s answers', async (file) => {
    const alice = await agent('alice');
    const bot = await agent('bot');
    const program = runProgram(file, [], environment(bot.apiKey));
    const { message } = await alice.client.sendMessage({ to: 'bot', content: 'hi' });
    const answers = () => server.messagesOf(message.conversation_id).filter(({ sender }) => sender === 'bot');
    await expect.poll(() => answers().length, { timeout: 40_000 }).toBe(1);
    expect(answers()[0]?.content.text).toBe('You said: hi');
    expect(program.output()).not.toMatch(/error/i);
  });

  it.each([
    ['examples/bot.ts', 'You said: '],
    ['examples/always-on-bot.ts', 'You said: '],
    ['examples/iterator.ts', '(Ann|Ben) read: '],
  ])(
    '%s answers groups in the group, says what has no text, and leaves system messages alone',
    async (file, words) => {
      const alice = await agent('alice');
      const bot = await agent('bot');
      const { group } = await alice.client.createGroup({ name: 'Sowing', member_handles: ['bot'] });
      const [invite] = await bot.client.listGroupInvites();
      // Writes a system message: the bot joined.
      await bot.client.acceptGroupInvite(invite?.id ?? '');
      const attachment_id = await alice.client.uploadAttachment({
        to: 'bot',
        file: new TextEncoder().encode('12 baskets'),
        filename: 'harvest.txt',
        contentType: 'text/plain',
      });
      const program = runProgram(file, [], environment(bot.apiKey));
      await alice.client.sendMessage({ conversation_id: group.id, content: 'hi all' });
      const { message } = await alice.client.sendMessage({
        to: 'bot',
        type: 'file',
        content: { attachment_id },
      });
      await alice.client.sendMessage({ to: 'bot', type: 'structured', content: { data: { baskets: 12 } } });
      const answers = (id: string) =>
        server.messagesOf(id).flatMap(({ sender, content }) => (sender === 'bot' ? [content.text] : []));
      const direct = message.conversation_id;
      await expect
        .poll(() => [answers(group.id).length, answers(direct).length], { timeout: 40_000 })
        .toEqual([1, 2]);
      expect(answers(group.id)).toEqual([expect.stringMatching(`^${words}hi all$`)]);
      expect(answers(direct)).toEqual([
        expect.stringMatching(`^${words}something of type file$`),
        expect.stringMatching(`^${words}something of type structured$`),
      ]);
      expect(server.messagesOf(group.id).some(({ type }) => type === 'system')).toBe(true);
      expect(program.output()).not.toMatch(/error|undefined/i);
    },
  );

  it.each([
    ['examples/lmdb-bot.ts', 'Nice to meet you, alice.', 'Welcome back, alice.'],
    ['examples/own-store.ts', 'Noted.', 'Noted.'],
    ['examples/service-claims.ts', 'You said: hi', 'You said: hi'],
  ])(
    '%s goes on after a restart with what it knows, and stops at SIGTERM',
    { timeout: 60_000 },
    async (file, first, second) => {
      const folder = await mkdtemp(join(tmpdir(), 'agentchat-example-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const alice = await agent('alice');
      const bot = await agent('bot');
      const answers: (string | undefined)[] = [];
      for (const expected of [first, second]) {
        const program = runProgram(file, [], {
          ...environment(bot.apiKey),
          STORE_PATH: join(folder, 'store'),
        });
        const { message } = await alice.client.sendMessage({ to: 'bot', content: 'hi' });
        answers.push(expected);
        const told = () =>
          server
            .messagesOf(message.conversation_id)
            .flatMap(({ sender, content }) => (sender === 'bot' ? [content.text] : []));
        await expect.poll(told, { timeout: 40_000 }).toEqual(answers);
        expect(await program.stop()).toBe(0);
        expect(program.output()).toBe('');
        expect(server.undelivered('bot')).toEqual([]);
      }
    },
  );

  it('examples/chat-sdk.ts answers directly and in groups, and stops at SIGTERM', async () => {
    const alice = await agent('alice');
    const bot = await agent('bot');
    const { group } = await alice.client.createGroup({ name: 'Sowing', member_handles: ['bot'] });
    const [invite] = await bot.client.listGroupInvites();
    await bot.client.acceptGroupInvite(invite?.id ?? '');
    const program = runProgram('examples/chat-sdk.ts', [], environment(bot.apiKey));
    await alice.client.sendMessage({ to: 'bot', content: 'hi' });
    for (const content of ['nobody is meant', '@bot hi', 'nobody again', '@bot more']) {
      await alice.client.sendMessage({ conversation_id: group.id, content });
    }
    const answers = () =>
      server.allMessages().flatMap(({ sender, type, content }) => {
        return sender === 'bot' && type !== 'system' ? [content.text] : [];
      });
    await expect.poll(() => answers().length, { timeout: 40_000 }).toBe(3);
    expect(answers().sort()).toEqual([
      'Hello @alice. I read along from now on.',
      'You said: @bot more',
      'You said: hi',
    ]);
    expect(await program.stop()).toBe(0);
    expect(program.output()).toBe('');
    expect(server.undelivered('bot')).toEqual([]);
  });

  it('examples/always-on-bot.ts stops at Ctrl-C', async () => {
    const bot = await agent('bot');
    const program = runProgram('examples/always-on-bot.ts', [], environment(bot.apiKey));
    await program.says(/connected/);
    expect(await program.stop('SIGINT')).toBe(0);
  });

  it('examples/register.ts asks for the code and shows the key', async () => {
    const program = runProgram('examples/register.ts', [], { AGENTCHAT_BASE_URL: server.url });
    const [, pendingId = ''] = await program.says(/six digits .*\(for (\w+)\)/);
    program.type(`${server.oneTimeCode(pendingId)}\n`);
    const [, apiKey = ''] = await program.says(/my-agent has the key (\S+):/);
    expect(await program.exit).toBe(0);
    const me = await new AgentChatClient({ apiKey, baseUrl: server.url }).getMe();
    expect(me.handle).toBe('my-agent');
  });

  it('examples/send.ts sends, and says what is wrong when it cannot', async () => {
    const { apiKey } = await agent('sender');
    const refused = runProgram('examples/send.ts', [], environment(apiKey));
    await refused.exit;
    expect(refused.output()).toMatch(/^AGENT_NOT_FOUND rejected /);
    await agent('alice');
    const program = runProgram('examples/send.ts', [], environment(apiKey));
    await program.says(/stored as msg_\w+, number 1 of conv_/);
    expect(await program.exit).toBe(0);
  });

  it('examples/undici.ts sends', async () => {
    const { apiKey } = await agent('sender');
    await agent('alice');
    const program = runProgram('examples/undici.ts', [], environment(apiKey));
    await program.says(/stored as msg_\w+/);
    expect(await program.exit).toBe(0);
  });

  it('examples/files-and-groups.ts joins, invites, and gets its file back', async () => {
    const alice = await agent('alice');
    const sender = await agent('sender');
    await alice.client.createGroup({ name: 'Sowing', member_handles: ['sender'] });
    const program = runProgram('examples/files-and-groups.ts', [], environment(sender.apiKey));
    expect(await program.exit).toBe(0);
    expect(program.output()).toMatch(/^joined Sowing\nalice: invited\nsender sent harvest\.txt: 10 bytes\n$/);
  });

  it('examples/receive.ts prints what arrives, and stops at Ctrl-C', async () => {
    const alice = await agent('alice');
    const bot = await agent('bot');
    const program = runProgram('examples/receive.ts', [], environment(bot.apiKey));
    await program.says(/connected/);
    await alice.client.sendMessage({ to: 'bot', content: 'hi' });
    await program.says(/conv_\w+ #1 \(live\)/);
    expect(await program.stop('SIGINT')).toBe(0);
  });

  it('examples/iterator.ts answers from its loops, and ends them at Ctrl-C', async () => {
    const alice = await agent('alice');
    const bot = await agent('bot');
    const program = runProgram('examples/iterator.ts', [], environment(bot.apiKey));
    const { message } = await alice.client.sendMessage({ to: 'bot', content: 'one' });
    await alice.client.sendMessage({ to: 'bot', content: 'two' });
    const answers = () =>
      server
        .messagesOf(message.conversation_id)
        .filter(({ sender }) => sender === 'bot')
        .map(({ content }) => content.text);
    await expect.poll(() => answers().length, { timeout: 40_000 }).toBe(2);
    expect(answers()).toEqual([
      expect.stringMatching(/^(Ann|Ben) read: one$/),
      expect.stringMatching(/^(Ann|Ben) read: two$/),
    ]);
    expect(await program.stop('SIGINT')).toBe(0);
    expect(program.output()).toBe('stopped\n');
  });

  describe.each(['examples/webhook-express.ts', 'examples/webhook-fastify.ts'])('%s', (file) => {
    it('prints what the local server delivers, refuses the rest, and stops at Ctrl-C', async () => {
      const alice = await agent('alice');
      const bot = await agent('bot');
      const secret = 'whsec_of_the_example';
      const program = runProgram(file, [], { PORT: '0', AGENTCHAT_WEBHOOK_SECRET: secret });
      const [, port] = await program.says(/listening on .*?(\d{4,5})\D*\n/);
      const url = `http://127.0.0.1:${port}/webhooks`;
      const events = ['message.new', 'group.deleted'];
      await bot.client.createWebhook({ url, events, secret });
      await alice.client.sendMessage({ to: 'bot', content: 'hi by webhook' });
      await program.says(/alice: hi by webhook/);
      server.webhooks.trigger('bot', 'group.deleted', { group_id: 'grp_1' });
      await program.says(/group\.deleted/);
      const forged = await fetch(url, { method: 'POST', body: '{"event":"message.new","data":{}}' });
      expect([forged.status, await forged.json()]).toEqual([415, expect.anything()]);
      const headers = { 'content-type': 'application/json' };
      const unsigned = await fetch(url, { method: 'POST', headers, body: '{}' });
      expect([unsigned.status, await unsigned.json()]).toMatchObject([400, { reason: 'missing_signature' }]);
      await server.webhooks.whenIdle();
      expect(server.webhooks.attempts().map(({ status }) => status)).toEqual([200, 200]);
      expect(await program.stop('SIGINT')).toBe(0);
    });
  });

  it('examples/webhook-verify.ts verifies what it has signed, and refuses what was changed', async () => {
    const program = runProgram('examples/webhook-verify.ts');
    expect(await program.exit).toBe(0);
    expect(program.output()).toBe('group.deleted\nrefused: bad_signature\n');
  });

  it('examples/local-server.ts shows four messages in order through lost frames and failing calls', async () => {
    const program = runProgram('examples/local-server.ts');
    await program.says(/1 one\n2 two\n3 three\n4 four\n/);
    await program.stop();
  });
});
