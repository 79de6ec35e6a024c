import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AgentChatClient } from 'agentchat-client';
import { type LocalServer, startLocalServer } from 'agentchat-client/local-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { message } from '../realtime/catchup/engine-rig.js';
import { ClientRig } from '../realtime/client-rig.js';
import { page } from './pages.js';
import { endPrograms, runProgram } from './program.js';

/** A model over HTTP that answers with these, one after the other; then it says what it was told. */
async function model(...failures: number[]): Promise<{ url: string; server: Server }> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      response.writeHead(failures.shift() ?? 200);
      response.end(`you said ${text}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe('examples/production-bot.ts', () => {
  let agentchat: LocalServer;
  beforeEach(async () => {
    agentchat = await startLocalServer({ limits: 'off' });
  });
  afterEach(async () => {
    await endPrograms();
    await agentchat.close();
  });

  it('answers when its model has recovered, tells its health, and ends with 0 at SIGTERM', async () => {
    const { url: MODEL_URL, server } = await model(503);
    const alice = new AgentChatClient({
      apiKey: agentchat.createAgent('alice').apiKey,
      baseUrl: agentchat.url,
    });
    const { apiKey } = agentchat.createAgent('bot');
    agentchat.faults.shutOut('bot', true);
    const program = runProgram('examples/production-bot.ts', [], {
      AGENTCHAT_API_KEY: apiKey,
      AGENTCHAT_BASE_URL: agentchat.url,
      MODEL_URL,
      PORT: '0',
    });
    const [, port] = await program.says(/health: .*"port":(\d+)/);
    const health = async () => (await fetch(`http://127.0.0.1:${port}`)).status;
    expect(await health()).toBe(503);
    agentchat.faults.shutOut('bot', false);
    await expect.poll(health, { timeout: 15_000 }).toBe(200);
    const sent = await alice.sendMessage({ to: 'bot', content: 'hi' });
    const answers = () =>
      agentchat
        .messagesOf(sent.message.conversation_id)
        .flatMap(({ sender, content }) => (sender === 'bot' ? [content.text] : []));
    await expect.poll(answers, { timeout: 15_000 }).toEqual(['you said hi']);
    expect(program.output()).toContain('the model answered with HTTP 503');
    expect(await program.stop('SIGTERM')).toBe(0);
    server.close();
  });
});

describe('HND-1: what docs/production.md says of models that fail for minutes', () => {
  const MINUTE = 60_000;
  const patience = { retries: 12, minDelayMs: 1_000, maxDelayMs: 60_000 };

  /** A bot whose model fails for so long; what its handler got through to, and after how many minutes. */
  async function botWhoseModelFailsFor(ms: number, options: ConstructorParameters<typeof ClientRig>[0] = {}) {
    const rig = new ClientRig(options);
    const answered: string[] = [];
    const begin = rig.clock.now();
    rig.client.on('message.new', async ({ payload }) => {
      if (payload.conversation_id === 'conv_a' && rig.clock.now() - begin < ms) throw new Error('503');
      answered.push(payload.id);
    });
    await rig.connected();
    await rig.frame(message(1, 'conv_a'), message(2, 'conv_a'), message(1, 'conv_b'));
    return { rig, answered };
  }

  it('the patient policy is the one of the example', () => {
    const { text } = page('docs/production.md');
    const policy = 'handlerRetry: { retries: 12, minDelayMs: 1_000, maxDelayMs: 60_000 }';
    expect(text.split(policy)).toHaveLength(3);
  });

  it('keeps the order through five minutes, and others do not wait', async () => {
    const { rig, answered } = await botWhoseModelFailsFor(4.9 * MINUTE, { handlerRetry: patience });
    expect(answered).toEqual(['b1']);
    await rig.clock.advance(7 * MINUTE);
    expect(answered).toEqual(['b1', 'a1', 'a2']);
  });

  it('gives up after about seven minutes: then the dead letter handler answers', async () => {
    const letters: string[] = [];
    let after = 0;
    const { rig } = await botWhoseModelFailsFor(60 * MINUTE, {
      handlerRetry: patience,
      onDeadLetter: ({ payload }) => {
        letters.push(payload.id);
        after ||= rig.clock.now();
      },
    });
    await rig.clock.advance(10 * MINUTE);
    expect(letters).toEqual(['a1']);
    expect(after / MINUTE).toBeGreaterThan(5.2);
    expect(after / MINUTE).toBeLessThan(8.9);
    expect(rig.client.explain().totals.parked).toBe(0);
  });

  it('waits for ever under `block`', async () => {
    const { rig, answered } = await botWhoseModelFailsFor(90 * MINUTE, { onHandlerFailure: 'block' });
    await rig.clock.advance(89 * MINUTE);
    expect(answered).toEqual(['b1']);
    await rig.clock.advance(2 * MINUTE);
    expect(answered).toEqual(['b1', 'a1', 'a2']);
  });

  it('parks at once without retries, so that newer messages go first', async () => {
    const { rig, answered } = await botWhoseModelFailsFor(1, { handlerRetry: { retries: 0 } });
    rig.source.history = [message(1, 'conv_a'), message(2, 'conv_a')];
    expect(rig.client.explain().totals.parked).toBeGreaterThan(0);
    await rig.clock.advance(1_000);
    await rig.frame(message(3, 'conv_a'));
    await rig.clock.advance(5 * MINUTE);
    expect(answered.slice(0, 2)).toEqual(['b1', 'a3']);
    expect([...answered].sort()).toEqual(['a1', 'a2', 'a3', 'b1']);
  });
});
