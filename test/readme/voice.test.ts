import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentChatClient, type Message } from 'agentchat-client';
import { type LocalServer, startLocalServer } from 'agentchat-client/local-server';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgoraStandIn, APP_CERTIFICATE, APP_ID } from '../platforms/agora/stand-in.js';
import { endPrograms, runProgram } from './program.js';

/** The bot that calls, as its reader would run it, on stand-ins. */
describe('examples/voice-agora.ts', () => {
  let server: LocalServer;
  let platform: AgoraStandIn;
  let alice: AgentChatClient;
  let folder: string;
  beforeEach(async () => {
    server = await startLocalServer({ limits: 'off' });
    platform = await AgoraStandIn.start();
    alice = new AgentChatClient({ apiKey: server.createAgent('alice').apiKey, baseUrl: server.url });
    folder = await mkdtemp(join(tmpdir(), 'agentchat-voice-'));
  });
  afterEach(async () => {
    await endPrograms();
    await server.close();
    await platform.close();
    await rm(folder, { recursive: true, force: true });
  });

  const answers = (): Message[] =>
    server.allMessages().filter(({ sender, type }) => sender === 'bot' && type !== 'system');

  async function ask(content: string): Promise<Message['content']> {
    const before = answers().length;
    await alice.sendMessage({ to: 'bot', content });
    await expect.poll(() => answers().length, { timeout: 15_000, message: content }).toBe(before + 1);
    return answers().at(-1)?.content ?? {};
  }

  it('calls, thinks in the call, finds the call again after a restart, and hangs up', async () => {
    const env = {
      AGENTCHAT_API_KEY: server.createAgent('bot').apiKey,
      AGENTCHAT_BASE_URL: server.url,
      AGORA_APP_ID: APP_ID,
      AGORA_APP_CERTIFICATE: APP_CERTIFICATE,
      AGORA_BASE_URL: platform.baseUrl,
      BRAIN_KEY: 'brain-key-0123456789',
      BRAIN_URL: 'https://bot.example/v1/chat/completions',
      MINIMAX_KEY: 'minimax',
      STORE_PATH: join(folder, 'store'),
      HOST: '127.0.0.1',
      PORT: '0',
    };
    const first = runProgram('examples/voice-agora.ts', [], env);
    await first.says(/0 calls go on/);
    expect(await ask('hi')).toEqual({ text: 'You said: hi' });
    const { data } = await ask('call me');
    expect(data).toMatchObject({ agora_call: { app_id: APP_ID, token: expect.stringMatching(/^007/) } });
    const { llm } = (platform.agents[0]?.properties ?? {}) as {
      llm: { url: string; api_key: string; params: { user: string } };
    };
    const { searchParams } = new URL(llm.url);
    expect(searchParams.get('conversation')).toBe(answers()[0]?.conversation_id);
    expect(llm.params.user).toBe('alice');

    // What the platform does during the call.
    const [, port] = await first.says(/port: (\d+)/);
    const openai = new OpenAI({ apiKey: llm.api_key, baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    const stream = await openai.chat.completions.create({
      model: 'my-bot',
      user: llm.params.user,
      stream: true,
      messages: [{ role: 'user', content: 'good morning' }],
    });
    let spoken = '';
    for await (const { choices } of stream) spoken += choices[0]?.delta.content ?? '';
    expect(spoken).toBe('You said: good morning');
    const stranger = new OpenAI({ apiKey: 'x', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    const refused = stranger.chat.completions.create({ model: 'm', messages: [] });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.AuthenticationError);

    expect(await first.stop()).toBe(0);
    const second = runProgram('examples/voice-agora.ts', [], env);
    await second.says(/1 calls go on/);
    expect(await ask('say One moment')).toEqual({ text: 'I have said it.' });
    expect(await ask('hang up')).toEqual({ text: 'I have hung up.' });
    expect(platform.agents).toHaveLength(1);
    expect(platform.running()).toEqual([]);
    expect(await second.stop()).toBe(0);
    expect(first.output() + second.output()).not.toMatch(/error|minimax|brain-key/i);
  }, 60_000);
});
