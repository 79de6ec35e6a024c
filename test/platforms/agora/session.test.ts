import { inspect } from 'node:util';
import {
  Agent,
  AgentClient,
  type AgentSession,
  AliyunLLM,
  CosyVoiceTTS,
  expiresInHours,
  FengmingSTT,
  MicrosoftTTS,
  MiniMaxTTS,
  SensetimeAvatar,
  type SessionState,
} from 'agentchat-client/platforms/agora';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readToken } from './read-token.js';
import { AgoraStandIn, APP_CERTIFICATE, APP_ID } from './stand-in.js';

const STT = new FengmingSTT();
const LLM = new AliyunLLM({ apiKey: 'sk-secret', model: 'qwen-max', greetingMessage: 'of the model' });
const TTS = new MiniMaxTTS({ key: 'minimax-secret', voiceId: 'female-shaonv' });
const AGENT = new Agent({
  name: 'support-assistant',
  instructions: 'You are kind.',
  greeting: 'Hello!',
  failureMessage: 'Oh no.',
  maxHistory: 10,
})
  .withStt(STT)
  .withLlm(LLM)
  .withTts(TTS);
const PLACE = { channel: 'support-room-123', agentUid: '1', remoteUids: ['100'] };
const AVATAR = new SensetimeAvatar({
  agoraToken: '007x',
  agoraUid: '2',
  appId: 'a',
  appKey: 'avatar-secret',
  sceneList: [],
});

let platform: AgoraStandIn;
let client: AgentClient;
beforeEach(async () => {
  platform = await AgoraStandIn.start();
  client = new AgentClient({ appId: APP_ID, appCertificate: APP_CERTIFICATE, baseUrl: platform.baseUrl });
});
afterEach(async () => {
  client.close();
  await platform.close();
});

const joined = () => platform.last.body as { name: string; properties: Record<string, unknown> };

async function failureOf(work: () => unknown): Promise<Error & Record<string, unknown>> {
  try {
    await work();
  } catch (error) {
    return error as never;
  }
  throw new Error('it did not fail');
}

describe('a session', () => {
  it('starts the agent as the wire wants it, and stops it', async () => {
    const session = AGENT.createSession(client, {
      ...PLACE,
      idleTimeout: 120,
      expiresIn: expiresInHours(12),
    });
    const states: SessionState[] = [session.state];
    const events: unknown[] = [];
    session.on('started', (event) => void events.push(['started', event, session.state]));
    session.on('stopped', (event) => void events.push(['stopped', event, session.state]));
    const starting = session.start();
    states.push(session.state);
    const agent_id = await starting;
    states.push(session.state);
    expect(session.agentId).toBe(agent_id);
    const { name, properties } = joined();
    expect(name).toBe('support-assistant');
    expect(properties).toEqual({
      channel: 'support-room-123',
      token: expect.any(String),
      agent_rtc_uid: '1',
      remote_rtc_uids: ['100'],
      idle_timeout: 120,
      asr: { vendor: 'fengming', language: 'zh-CN', params: {} },
      llm: {
        vendor: 'aliyun',
        api_key: 'sk-secret',
        url: expect.stringContaining('dashscope'),
        params: { model: 'qwen-max' },
        system_messages: [{ role: 'system', content: 'You are kind.' }],
        greeting_message: 'Hello!',
        failure_message: 'Oh no.',
        max_history: 10,
      },
      tts: TTS.toConfig(),
    });
    const token = readToken(String(properties.token));
    expect(token.expire).toBe(43_200);
    expect(token.services.map(({ fields }) => fields)).toEqual([['support-room-123', '1'], ['1']]);
    // Requests of a session are signed for its channel and account.
    expect(platform.last.token?.services[0]?.fields).toEqual(['support-room-123', '1']);
    const stopping = session.stop();
    states.push(session.state);
    await stopping;
    states.push(session.state);
    expect(platform.last.path).toMatch(new RegExp(`/agents/${agent_id}/leave$`));
    expect(platform.last.token?.services[0]?.fields).toEqual(['support-room-123', '1']);
    expect(states).toEqual(['idle', 'starting', 'running', 'stopping', 'stopped']);
    expect(events).toEqual([
      ['started', { agent_id }, 'running'],
      ['stopped', { agent_id }, 'stopped'],
    ]);
    // It may be started again.
    expect(await session.start()).not.toBe(agent_id);
  });

  it('says, interrupts, thinks, updates and asks, while it runs', async () => {
    const session = AGENT.createSession(client, PLACE);
    const agent_id = await session.start();
    const spoken = { agent_id, channel: PLACE.channel, start_ts: expect.any(Number) };
    expect(await session.say('One moment', { priority: 'APPEND' })).toEqual(spoken);
    expect(platform.last.body).toEqual({ text: 'One moment', priority: 'APPEND' });
    expect(await session.think('Greet her')).toEqual(spoken);
    expect(await session.interrupt()).toEqual(spoken);
    expect(await session.update({ llm: { params: { model: 'x' } } })).toMatchObject({ agent_id });
    expect((await session.getHistory()).contents).toEqual([
      { role: 'assistant', content: 'One moment' },
      { role: 'user', content: 'Greet her' },
    ]);
    expect(await session.getInfo()).toMatchObject({ agent_id, status: 'RUNNING' });
    expect(await session.getTurns({ page_size: 10 })).toMatchObject({ agent_id });
  });

  it('takes an agent that has left by itself for stopped', async () => {
    const session = AGENT.createSession(client, PLACE);
    await session.start();
    await client.stopAgent(String(session.agentId));
    await session.stop();
    expect(session.state).toBe('stopped');
  });

  it.each([
    ['the option', { name: 'mine' }, 'mine'],
    ['the agent', {}, 'support-assistant'],
  ])('has the name of %s', async (_, more, name) => {
    await AGENT.createSession(client, { ...PLACE, ...more }).start();
    expect(joined().name).toBe(name);
  });

  it('has a name of the time without another', async () => {
    await new Agent().withLlm(LLM).withTts(TTS).createSession(client, PLACE).start();
    expect(joined().name).toMatch(/^agent-\d{10}$/);
  });

  it('takes a token of its user, and needs no certificate then', async () => {
    const other = new AgentClient({ appId: APP_ID, authToken: 'ready', baseUrl: platform.baseUrl });
    await AGENT.createSession(other, { ...PLACE, token: '007mine' }).start();
    expect(joined().properties.token).toBe('007mine');
    const without = AGENT.createSession(other, { ...PLACE, name: 'x' });
    expect(await failureOf(() => without.start())).toMatchObject({ field: 'appCertificate' });
    expect(without.state).toBe('error');
  });

  it('fails into `error`, tells it, and may be started again', async () => {
    const session = AGENT.createSession(client, PLACE);
    const errors: unknown[] = [];
    session.on('error', (error) => void errors.push(error));
    platform.next.push({ status: 422, body: { detail: 'too many', reason: 'ResourceQuotaLimitExceeded' } });
    const error = await failureOf(() => session.start());
    expect(error).toMatchObject({ name: 'ApiError', kind: 'quota' });
    expect(errors).toEqual([error]);
    expect(session.state).toBe('error');
    expect(session.agentId).toBeNull();
    await session.start();
    expect(session.state).toBe('running');
    platform.next.push({ status: 401, body: {} });
    await failureOf(() => session.stop());
    expect(session.state).toBe('error');
    await client.stopAgent(String(session.agentId));
  });

  it('a name that is in use is a conflict that names the task', async () => {
    const agent_id = await AGENT.createSession(client, PLACE).start();
    const error = await failureOf(() => AGENT.createSession(client, PLACE).start());
    expect(error).toMatchObject({ kind: 'conflict', reason: 'TaskConflict', body: { agent_id } });
  });

  it('an answer without an id is no start', async () => {
    platform.next.push({ status: 200, body: { status: 'RUNNING' } });
    const session = AGENT.createSession(client, PLACE);
    expect(await failureOf(() => session.start())).toMatchObject({ kind: 'protocol', outcome: 'unknown' });
    expect(session.state).toBe('error');
  });

  it('may do each thing only in its state', async () => {
    const session = AGENT.createSession(client, PLACE);
    const refusedNow = async (...calls: (() => Promise<unknown>)[]) => {
      for (const call of calls) {
        expect(await failureOf(call)).toMatchObject({ name: 'ValidationError', field: 'state' });
      }
    };
    const ofRunning = [
      () => session.stop(),
      () => session.say('x'),
      () => session.interrupt(),
      () => session.think('x'),
      () => session.update({}),
      () => session.getHistory(),
    ];
    await refusedNow(
      ...ofRunning,
      () => session.getInfo(),
      () => session.getTurns(),
    );
    const starting = session.start();
    await refusedNow(() => session.start(), ...ofRunning);
    await starting;
    await refusedNow(() => session.start());
    const stopping = session.stop();
    await refusedNow(() => session.start(), ...ofRunning);
    await stopping;
    await refusedNow(...ofRunning);
    // What was said stays readable.
    await session.getInfo();
  });

  it('is not disturbed by a listener that throws or rejects', async () => {
    const written = vi.spyOn(console, 'error').mockImplementation(() => {});
    const session = AGENT.createSession(client, PLACE);
    const heard: string[] = [];
    session.on('started', () => {
      throw new Error('first');
    });
    session.on('started', () => Promise.reject(new Error('second')));
    const off = session.on('stopped', () => void heard.push('stopped'));
    session.on('started', () => void heard.push('started'));
    await session.start();
    off();
    await session.stop();
    expect(heard).toEqual(['started']);
    expect(written.mock.calls.flat().join()).toContain('your listener of "started" failed');
  });

  it('an abort ends a start, and says that the agent may speak all the same', async () => {
    platform.next.push('silence');
    const session = AGENT.createSession(client, PLACE);
    const controller = new AbortController();
    const failed = failureOf(() => session.start({ signal: controller.signal }));
    await expect.poll(() => platform.asked.length).toBe(1);
    controller.abort();
    expect(await failed).toMatchObject({ name: 'AbortError', outcome: 'unknown' });
    expect(session.state).toBe('error');
  });

  it('shows no token and no key', async () => {
    const session = AGENT.createSession(client, PLACE);
    await session.start();
    const token = String(joined().properties.token);
    for (const thing of [session, AGENT, client]) {
      const text = inspect(thing, { depth: 9, showHidden: true }) + JSON.stringify(thing);
      for (const secret of ['sk-secret', 'minimax-secret', APP_CERTIFICATE, token]) {
        expect(text).not.toContain(secret);
      }
    }
    expect(JSON.parse(JSON.stringify(session))).toEqual({
      state: 'running',
      agentId: session.agentId,
      channel: 'support-room-123',
      agentUid: '1',
    });
  });
});

describe('an agent', () => {
  const propertiesOf = async (agent: Agent) => {
    await agent.createSession(client, { ...PLACE, name: `n${platform.asked.length}` }).start();
    return joined().properties;
  };

  it('does not change: each with... gives a copy', async () => {
    const base = new Agent({ instructions: 'one' }).withLlm(LLM).withTts(TTS);
    const changed = base
      .withInstructions('two')
      .withGreeting('hello')
      .withFailureMessage('oh')
      .withMaxHistory(5)
      .withStt(STT)
      .withTurnDetection({ mode: 'default', config: { end_of_speech: { mode: 'semantic' } } })
      .withSal({ sal_mode: 'locking' })
      .withAdvancedFeatures({ enable_rtm: true })
      .withTools()
      .withParameters({ data_channel: 'rtm' })
      .withLabels({ team: 'blue' })
      .withRtc({ encryption_mode: 7 })
      .withFillerWords({ enable: true })
      .withGeofence({ area: 'EUROPE' })
      .withName('other');
    const { llm, tts } = await propertiesOf(base);
    expect(platform.last.rawBody).not.toContain('hello');
    expect(llm).toMatchObject({ system_messages: [{ role: 'system', content: 'one' }] });
    expect(await propertiesOf(changed)).toEqual({
      channel: PLACE.channel,
      token: expect.any(String),
      agent_rtc_uid: '1',
      remote_rtc_uids: ['100'],
      asr: STT.toConfig(),
      llm: {
        ...LLM.toConfig(),
        system_messages: [{ role: 'system', content: 'two' }],
        greeting_message: 'hello',
        failure_message: 'oh',
        max_history: 5,
      },
      tts,
      turn_detection: { mode: 'default', config: { end_of_speech: { mode: 'semantic' } } },
      sal: { sal_mode: 'locking' },
      advanced_features: { enable_rtm: true, enable_tools: true },
      parameters: { data_channel: 'rtm' },
      labels: { team: 'blue' },
      rtc: { encryption_mode: 7 },
      filler_words: { enable: true },
      geofence: { area: 'EUROPE' },
    });
    expect(changed.name).toBe('other');
    expect(base.name).toBeUndefined();
  });

  it('keeps copies of what it is given', async () => {
    const labels = { team: 'blue' };
    const agent = new Agent({ labels }).withLlm(LLM).withTts(TTS);
    labels.team = 'red';
    expect((await propertiesOf(agent)).labels).toEqual({ team: 'blue' });
  });

  it('takes parts in the form of the wire', async () => {
    const llm = { url: 'https://model.example', style: 'dify', novelty: 1 };
    const tts = { vendor: 'new', params: { a: 1 } };
    expect(await propertiesOf(new Agent().withLlm(llm).withTts(tts))).toMatchObject({ llm, tts });
  });

  it('with a multimodal model sends that in place of the three', async () => {
    const mllm = { url: 'wss://realtime.example', api_key: 'k', messages: [{ role: 'user', content: 'x' }] };
    const properties = await propertiesOf(AGENT.withMllm(mllm));
    expect(properties).toEqual({
      channel: PLACE.channel,
      token: expect.any(String),
      agent_rtc_uid: '1',
      remote_rtc_uids: ['100'],
      mllm: {
        ...mllm,
        messages: [
          { role: 'system', content: 'You are kind.' },
          { role: 'user', content: 'x' },
        ],
        greeting_message: 'Hello!',
      },
      advanced_features: { enable_mllm: true },
    });
    const back = await propertiesOf(AGENT.withMllm(mllm).withAdvancedFeatures({ enable_mllm: false }));
    expect(back).toMatchObject({ llm: {}, tts: {} });
    expect(back).not.toHaveProperty('mllm');
  });

  it.each([
    ['tts', new Agent().withLlm(LLM)],
    ['llm', new Agent().withTts(TTS)],
    ['mllm', AGENT.withAdvancedFeatures({ enable_mllm: true })],
  ])('without %s cannot speak', (field, agent) => {
    expect(() => agent.createSession(client, PLACE)).toThrow(
      expect.objectContaining({ name: 'ValidationError', field }),
    );
  });

  it.each(['Stt', 'Llm', 'Tts', 'Mllm', 'Avatar'] as const)('with%s takes objects only', (part) => {
    for (const value of [undefined, null, 'minimax', []]) {
      expect(() => new Agent()[`with${part}`](value as never)).toThrow(
        expect.objectContaining({ name: 'ValidationError', field: part.toLowerCase() }),
      );
    }
  });

  it.each([
    ['a voice at 16,000 Hz', new MicrosoftTTS({ key: 'k', region: 'r', voiceName: 'v', sampleRate: 16_000 })],
    ['another', new CosyVoiceTTS({ apiKey: 'k', model: 'm', voice: 'v', sampleRate: 16_000 })],
    [
      'the setting of MiniMax',
      new MiniMaxTTS({ key: 'k', voiceId: 'v', audioSetting: { sample_rate: 16_000 } }),
    ],
  ])('with an avatar takes %s', async (_, tts) => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const { avatar } = await propertiesOf(AGENT.withTts(tts).withAvatar(AVATAR));
    expect(avatar).toEqual(AVATAR.toConfig());
    expect(warn).not.toHaveBeenCalled();
  });

  it('with an avatar refuses a voice at another rate', () => {
    const tts = new MicrosoftTTS({ key: 'k', region: 'r', voiceName: 'v', sampleRate: 24_000 });
    const agent = AGENT.withTts(tts).withAvatar(AVATAR);
    expect(() => agent.createSession(client, PLACE)).toThrow(/24000 Hz/);
    expect(() =>
      agent.withAvatar({ ...AVATAR.toConfig(), enable: false }).createSession(client, PLACE),
    ).not.toThrow();
  });

  it('with an avatar warns of a voice whose rate is not set', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    AGENT.withAvatar(AVATAR).createSession(client, PLACE);
    expect(warn.mock.calls.flat().join()).toContain('16000 Hz');
  });

  it.each([
    ['maxHistory', { maxHistory: 0 }],
    ['maxHistory', { maxHistory: Number.NaN }],
    ['name', { name: '' }],
    ['instruction', { instruction: 'x' }],
  ])('refuses a bad %s: %j', (field, options) => {
    expect(() => new Agent(options as never)).toThrow(expect.objectContaining({ field }));
  });

  it.each([
    ['channel', { channel: '' }],
    ['channel', { channel: 'x'.repeat(65) }],
    ['agentUid', { agentUid: 'ann' }],
    ['agentUid', { agentUid: 1 as never }],
    ['agentUid', { agentUid: '4294967296' }],
    ['remoteUids', { remoteUids: [] }],
    ['remoteUids', { remoteUids: '100' as never }],
    ['remoteUids[0]', { remoteUids: ['ann'] }],
    ['idleTimeout', { idleTimeout: -1 }],
    ['idleTimeout', { idleTimeout: Number.NaN }],
    ['expiresIn', { expiresIn: 0 }],
    ['token', { token: '' }],
    ['enableStringUid', { enableStringUid: 'yes' as never }],
    ['uid', { uid: '1' } as object],
  ])('has no session with a bad %s: %j', (field, more) => {
    expect(() => AGENT.createSession(client, { ...PLACE, ...more })).toThrow(
      expect.objectContaining({ name: 'ValidationError', field }),
    );
  });

  it('takes uids that are strings, and anybody', async () => {
    const place = { ...PLACE, agentUid: 'bot', remoteUids: ['ann'], enableStringUid: true };
    await AGENT.createSession(client, place).start();
    expect(joined().properties).toMatchObject({ agent_rtc_uid: 'bot', enable_string_uid: true });
    const session: AgentSession = AGENT.createSession(client, { ...PLACE, remoteUids: ['*'], name: 'x' });
    await session.start();
    expect(joined().properties.remote_rtc_uids).toEqual(['*']);
  });
});
