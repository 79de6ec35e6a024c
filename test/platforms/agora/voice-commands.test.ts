import { memoryStore } from 'agentchat-client';
import {
  Agent,
  AgentClient,
  AliyunLLM,
  CustomLLM,
  type JoinData,
  MiniMaxTTS,
  type VoiceCommands,
  type VoiceCommandsOptions,
  voiceCommands,
} from 'agentchat-client/platforms/agora';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BotWorld, type Peer, until } from '../../bot/bot-world.js';
import { readToken } from './read-token.js';
import { AgoraStandIn, APP_CERTIFICATE, APP_ID } from './stand-in.js';

const AGENT = new Agent({ instructions: 'You are kind.' })
  .withLlm(new AliyunLLM({ apiKey: 'sk-secret', model: 'qwen-max' }))
  .withTts(new MiniMaxTTS({ key: 'minimax-secret', voiceId: 'female-shaonv' }));

let world: BotWorld;
let platform: AgoraStandIn;
let client: AgentClient;
let ann: Peer;
beforeEach(async () => {
  world = await BotWorld.open();
  platform = await AgoraStandIn.start();
  client = new AgentClient({
    appId: APP_ID,
    appCertificate: APP_CERTIFICATE,
    baseUrl: platform.baseUrl,
    maxRetries: 0,
  });
  ann = world.peer('ann');
});
afterEach(async () => {
  await world.close();
  client.close();
  await platform.close();
});

type Options = Partial<Omit<VoiceCommandsOptions, 'bot'>>;

async function start(options: Options = {}, store = memoryStore(), handle = 'bot') {
  const under = world.idle(handle, { store, think: ({ text }) => `You said: ${text}` });
  const voice: VoiceCommands = voiceCommands({ bot: under.bot, client, agent: AGENT, ...options });
  await under.bot.start();
  return { ...under, bot: under.bot, turns: under.turns, voice, store };
}

/** Says something to the bot, and waits for what it answers. */
async function answerTo(text: string, peer = ann): Promise<string> {
  const before = peer.said('bot').length;
  await peer.say('bot', text);
  await until(`an answer to ${text}`, () => peer.said('bot').length > before);
  return peer.said('bot').at(-1) ?? '';
}

const joinData = (): JoinData => {
  const data = ann.messagesOf('bot').at(-1)?.content.data as { agora_call?: JoinData } | undefined;
  if (data?.agora_call === undefined) throw new Error('no way in was sent');
  return data.agora_call;
};

describe('a bot that calls', () => {
  it.each(['/call', 'call me', 'Please call me!'])(
    '"%s" starts an agent and sends the way in',
    async (text) => {
      await start();
      const answer = await answerTo(text);
      const join = joinData();
      expect(answer).toBe(
        `I am on the line. Join channel ${join.channel} as uid ${join.uid} with the token in this message; it is good for 60 minutes.`,
      );
      const [agent] = platform.running();
      expect(platform.agents).toHaveLength(1);
      expect(agent?.properties).toMatchObject({
        channel: join.channel,
        agent_rtc_uid: '1',
        remote_rtc_uids: [String(join.uid)],
        idle_timeout: 120,
        llm: { system_messages: [{ role: 'system', content: 'You are kind.' }] },
      });
      expect(join.channel).toMatch(/^agentchat-[0-9a-f-]{36}$/);
      expect(join.uid).toBeGreaterThanOrEqual(1_000);
      // A token of the caller's own: only this channel and uid, for an hour, and not to sign in for messages.
      expect(readToken(join.token)).toMatchObject({
        appId: APP_ID,
        expire: 3_600,
        services: [{ type: 1, fields: [join.channel, String(join.uid)] }],
      });
      expect(readToken(join.token).services).toHaveLength(1);
      expect(Date.parse(join.expires_at) - Date.now()).toBeGreaterThan(3_500_000);
      const sent = JSON.stringify(ann.messagesOf('bot'));
      for (const secret of [APP_CERTIFICATE, 'sk-secret', 'minimax-secret'])
        expect(sent).not.toContain(secret);
    },
  );

  it('asked again, sends a fresh way into the same call', async () => {
    await start();
    await answerTo('call me');
    const first = joinData();
    await answerTo('call me');
    const second = joinData();
    expect(second.channel).toBe(first.channel);
    expect(second.uid).toBe(first.uid);
    expect(second.token).not.toBe(first.token);
    expect(platform.agents).toHaveLength(1);
  });

  it('says what it is told, during a call', async () => {
    const { voice } = await start();
    expect(await answerTo('say cheese')).toBe('You said: say cheese');
    expect(await answerTo('/say cheese')).toBe('There is no call here. Say "call me" to begin one.');
    await answerTo('call me');
    expect(await answerTo('/say')).toBe('What shall I say? Write it behind the command.');
    expect(await answerTo('/say One moment')).toBe('I have said it.');
    expect(await answerTo('say: cheese')).toBe('I have said it.');
    expect(await answerTo(`/say ${'ä'.repeat(300)}`)).toBe('That is too long to be said at once.');
    expect(platform.agents[0]?.said.map(({ content }) => content)).toEqual(['One moment', 'cheese']);
    const conversation = ann.messagesOf('ann')[0]?.conversation_id ?? '';
    expect(await voice.callIn(conversation)).toMatchObject({ caller: 'ann', agentId: '1NT29X1' });
    expect(await voice.callIn('conv_other')).toBeNull();
  });

  it.each(['/hangup', 'hang up', 'please hang up'])('"%s" ends the call', async (text) => {
    const { store } = await start();
    expect(await answerTo(text)).toBe('There is no call here. Say "call me" to begin one.');
    await answerTo('call me');
    expect(await answerTo(text)).toBe('I have hung up.');
    expect(platform.running()).toEqual([]);
    expect(await store.values.list('agora/')).toEqual([]);
    expect(await answerTo(text)).toBe('There is no call here. Say "call me" to begin one.');
  });

  it('an agent that has left by itself: hanging up succeeds, saying tells, calling starts another', async () => {
    await start();
    const leave = () => {
      for (const agent of platform.running()) agent.status = 'STOPPED';
    };
    await answerTo('call me');
    leave();
    expect(await answerTo('hang up')).toBe('I have hung up.');
    await answerTo('call me');
    leave();
    expect(await answerTo('/say hello')).toBe('There is no call here. Say "call me" to begin one.');
    await answerTo('call me');
    const { channel } = joinData();
    leave();
    await answerTo('call me');
    expect(joinData().channel).not.toBe(channel);
    expect(platform.running()).toHaveLength(1);
  });

  it('an agent that is recovering is not replaced', async () => {
    await start();
    await answerTo('call me');
    const { channel } = joinData();
    for (const agent of platform.agents) agent.status = 'RECOVERING';
    await answerTo('call me');
    expect(joinData().channel).toBe(channel);
    expect(platform.agents).toHaveLength(1);
  });

  it('in a group sends the way in to the caller alone, and has one call at a time', async () => {
    const { bot } = await start();
    const ben = world.peer('ben');
    const group = await world.group(ann, [bot.client, ben.client]);
    const inGroup = () => ann.messagesOf('bot').filter(({ conversation_id }) => conversation_id === group);
    const answersIn = async (count: number) => {
      await until('an answer in the group', () => inGroup().length >= count);
      return inGroup().at(-1)?.content;
    };
    await ann.say(group, '@bot call me');
    expect(await answersIn(1)).toEqual({ text: 'I have sent you the way in.' });
    const direct = ann.messagesOf('bot').filter(({ conversation_id }) => conversation_id !== group);
    expect(direct.map(({ content }) => content.data)).toEqual([
      { agora_call: expect.objectContaining({ app_id: APP_ID }) },
    ]);
    expect(JSON.stringify(inGroup())).not.toContain('007');
    await ben.say(group, '@bot call me');
    expect((await answersIn(2))?.text).toBe('There is a call of ann here. Ask again when it is over.');
    expect(platform.agents).toHaveLength(1);
  });

  it('says so when the platform has no agent free, and remembers no call', async () => {
    const { store } = await start();
    platform.next.push({ status: 422, body: { detail: 'quota', reason: 'ResourceQuotaLimitExceeded' } });
    expect(await answerTo('call me')).toBe('All lines are busy. Please try again in a few minutes.');
    expect(await store.values.list('agora/')).toEqual([]);
  });

  it('makes an agent for each call, and words of its own', async () => {
    const calls: unknown[] = [];
    await start({
      agent: (call) => {
        calls.push(call);
        const url = `https://bot.example/v1/chat/completions?conversation=${call.conversationId}`;
        return AGENT.withLlm(new CustomLLM({ url, apiKey: 'brain', model: 'bot' }));
      },
      describe: ({ channel, token }) =>
        `https://page.example/?channel=${channel}&token=${encodeURIComponent(token)}`,
      names: { call: 'ring' },
      texts: { hungUp: 'Tschüss.' },
      agentUid: '7',
      joinExpiresIn: 600,
      channelPrefix: 'shop',
      phrases: false,
    });
    expect(await answerTo('call me')).toBe('You said: call me');
    expect(await answerTo('/ring')).toMatch(/^https:\/\/page.example\/\?channel=shop-/);
    expect(readToken(joinData().token).expire).toBe(600);
    const [message] = ann.messagesOf('ann');
    expect(calls).toEqual([
      {
        conversationId: message?.conversation_id,
        caller: 'ann',
        channel: joinData().channel,
        uid: joinData().uid,
      },
    ]);
    expect(platform.agents[0]?.properties).toMatchObject({
      agent_rtc_uid: '7',
      llm: { url: `https://bot.example/v1/chat/completions?conversation=${message?.conversation_id}` },
    });
    expect(await answerTo('/hangup')).toBe('Tschüss.');
  });
});

describe('after a restart', () => {
  it('the call goes on', async () => {
    const first = await start();
    await answerTo('call me');
    const { channel, uid } = joinData();
    await first.bot.stop();
    const second = await start({}, first.store);
    expect(await second.voice.reconcile()).toEqual([
      expect.objectContaining({ channel, uid, caller: 'ann', agentId: '1NT29X1' }),
    ]);
    await answerTo('call me');
    expect(joinData()).toMatchObject({ channel, uid });
    expect(await answerTo('/say Back again')).toBe('I have said it.');
    expect(await answerTo('hang up')).toBe('I have hung up.');
    expect(platform.agents).toHaveLength(1);
    expect(platform.running()).toEqual([]);
  });

  it('calls that are over are forgotten', async () => {
    const { voice, store } = await start();
    await answerTo('call me');
    platform.agents.splice(0);
    expect(await voice.reconcile()).toEqual([]);
    expect(await store.values.list('agora/')).toEqual([]);
  });

  it('an agent whose start was never noted is found by its channel, and not started twice', async () => {
    await start();
    // The platform starts the agent, and the answer is lost: the turn fails and runs again.
    platform.next.push('lost');
    await answerTo('call me');
    expect(platform.agents).toHaveLength(1);
    expect(platform.running(joinData().channel)).toHaveLength(1);
    expect(await answerTo('hang up')).toBe('I have hung up.');
    expect(platform.running()).toEqual([]);
  });

  it('a start that never arrived is made again under the same name', async () => {
    await start();
    platform.next.push('cut');
    await answerTo('call me');
    const joins = platform.asked.filter(({ path }) => path.endsWith('/join'));
    const names = joins.map(({ body }) => (body as { name: string }).name);
    expect(names).toHaveLength(2);
    expect(new Set(names).size).toBe(1);
    expect(platform.running()).toHaveLength(1);
  });

  it('an agent that still starts when the bot comes back is adopted through the conflict of names', async () => {
    await start();
    platform.next.push('lost');
    // The list does not show it yet.
    platform.next.push({ status: 200, body: { data: { list: [] }, meta: {} } });
    await answerTo('call me');
    expect(platform.asked.map(({ path }) => path.split('/').at(-1))).toEqual([
      'join',
      'agents',
      'join',
      'agents',
    ]);
    expect(platform.agents).toHaveLength(1);
  });

  it('what somebody else has written among the values is no call', async () => {
    const store = memoryStore();
    await store.values.set(`agora/${APP_ID}/conv_x`, { channel: 7 });
    const { voice } = await start({}, store);
    expect(await voice.reconcile()).toEqual([]);
    expect(await voice.callIn('conv_x')).toBeNull();
  });

  it('nor does it stand in the way of one', async () => {
    const { store } = await start();
    await answerTo('call me');
    await answerTo('hang up');
    const conversation = ann.messagesOf('bot').at(-1)?.conversation_id;
    await store.values.set(`agora/${APP_ID}/${conversation}`, { channel: 7 });
    await answerTo('call me');
    expect(platform.running(joinData().channel)).toHaveLength(1);
    expect(await answerTo('hang up')).toBe('I have hung up.');
    expect(platform.running()).toEqual([]);
  });

  it('a call that another process forgets while it starts is a call all the same', async () => {
    const { voice } = await start();
    platform.next.push(async (_, answer) => {
      expect(await voice.reconcile()).toEqual([]);
      return answer();
    });
    await answerTo('call me');
    expect(platform.running(joinData().channel)).toHaveLength(1);
    expect(await answerTo('hang up')).toBe('I have hung up.');
    expect(platform.running()).toEqual([]);
  });

  it('an agent that still starts is hung up too', async () => {
    const { store } = await start();
    await answerTo('call me');
    const [agent] = platform.agents;
    if (agent !== undefined) agent.status = 'STARTING';
    const [noted] = await store.values.list('agora/');
    await store.values.set(noted?.key ?? '', { ...(noted?.value as object), agentId: null } as never);
    expect(await answerTo('hang up')).toBe('I have hung up.');
    expect(agent?.status).toBe('STOPPED');
  });

  it('hangUpAll ends every call', async () => {
    const { voice } = await start();
    const ben = world.peer('ben');
    await answerTo('call me');
    await answerTo('call me', ben);
    expect(platform.running()).toHaveLength(2);
    await voice.hangUpAll();
    expect(platform.running()).toEqual([]);
    expect(await answerTo('hang up')).toBe('There is no call here. Say "call me" to begin one.');
  });
});

describe('options', () => {
  const bot = () => world.idle('bot', { think: () => 'hm' }).bot;
  it.each([
    ['bot', { bot: {} }],
    ['client', { client: {} }],
    ['agent', { agent: {} }],
    ['agentUid', { agentUid: '0' }],
    ['agentUid', { agentUid: '1000' }],
    ['joinExpiresIn', { joinExpiresIn: 0 }],
    ['idleTimeout', { idleTimeout: Number.NaN }],
    ['channelPrefix', { channelPrefix: 'a/b' }],
    ['describe', { describe: 'x' }],
    ['hello', { texts: { hello: 'x' } }],
    ['ring', { names: { ring: 'x' } }],
    ['novelty', { novelty: 1 }],
  ])('a bad "%s" is refused: %o', (field, more) => {
    expect(() => voiceCommands({ bot: bot(), client, agent: AGENT, ...more } as never)).toThrow(
      expect.objectContaining({ name: 'ValidationError', field }),
    );
  });

  it('a client that cannot sign tokens is refused at once', () => {
    const other = new AgentClient({ appId: APP_ID, authToken: 'x', baseUrl: platform.baseUrl });
    expect(() => voiceCommands({ bot: bot(), client: other, agent: AGENT })).toThrow(
      expect.objectContaining({ field: 'appCertificate' }),
    );
  });
});
