import { inspect } from 'node:util';
import { ValidationError } from 'agentchat-client';
import * as agora from 'agentchat-client/platforms/agora';
import { describe, expect, it } from 'vitest';

const {
  AliyunLLM,
  BytedanceDuplexTTS,
  BytedanceLLM,
  BytedanceTTS,
  CosyVoiceTTS,
  CustomLLM,
  DeepSeekLLM,
  FengmingSTT,
  MicrosoftSTT,
  MicrosoftTTS,
  MiniMaxTTS,
  SensetimeAvatar,
  StepFunTTS,
  TencentLLM,
  TencentSTT,
  TencentTTS,
  XfyunBigModelSTT,
  XfyunDialectSTT,
  XfyunSTT,
} = agora;

interface Row {
  readonly name: string;
  /** Each class has options of its own. */
  readonly Vendor: new (
    options: never,
  ) => { toConfig(): unknown };
  /** The shortest that is accepted. */
  readonly least: Record<string, unknown>;
  readonly leastWire: unknown;
  /** Everything. */
  readonly most: Record<string, unknown>;
  readonly mostWire: unknown;
}

const DASHSCOPE = 'https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions';
const MODEL = { apiKey: 'sk-1', model: 'm', url: 'https://model.example/v1' };
const MODEL_WIRE = { api_key: 'sk-1', url: 'https://model.example/v1', params: { model: 'm' } };
const MODEL_MORE = {
  maxTokens: 100,
  temperature: 0,
  topP: 0.5,
  params: { max_tokens: 7, seed: 1 },
  style: 'openai',
  systemMessages: [{ role: 'system', content: 'x' }],
  maxHistory: 8,
  greetingMessage: 'hi',
  failureMessage: 'oh',
  inputModalities: ['text'],
  outputModalities: ['text'],
  greetingConfigs: { mode: 'single_first' },
  templateVariables: { name: 'Ann' },
  mcpServers: [{ name: 'tools', endpoint: 'https://mcp.example', transport: 'streamable_http' }],
};
const MODEL_MORE_WIRE = {
  api_key: 'sk-1',
  url: 'https://model.example/v1',
  params: { model: 'm', max_tokens: 100, temperature: 0, top_p: 0.5, seed: 1 },
  style: 'openai',
  system_messages: [{ role: 'system', content: 'x' }],
  max_history: 8,
  greeting_message: 'hi',
  failure_message: 'oh',
  input_modalities: ['text'],
  output_modalities: ['text'],
  greeting_configs: { mode: 'single_first' },
  template_variables: { name: 'Ann' },
  mcp_servers: [{ name: 'tools', endpoint: 'https://mcp.example', transport: 'streamable_http' }],
};
const llm = (name: string, Vendor: Row['Vendor'], vendor: string): Row => ({
  name,
  Vendor,
  least: MODEL,
  leastWire: { vendor, ...MODEL_WIRE },
  most: { ...MODEL, ...MODEL_MORE },
  mostWire: { vendor, ...MODEL_MORE_WIRE },
});
const SCENES = [
  { digital_role: { face_feature_id: 'f', position: { x: 0, y: 1 }, url: 'https://face.example' } },
];

/** Every row of the contract's table of vendors. */
const ROWS: readonly Row[] = [
  {
    name: 'FengmingSTT',
    Vendor: FengmingSTT,
    least: {},
    leastWire: { vendor: 'fengming', language: 'zh-CN', params: {} },
    most: { language: 'en-US' },
    mostWire: { vendor: 'fengming', language: 'en-US', params: {} },
  },
  {
    name: 'TencentSTT',
    Vendor: TencentSTT,
    least: { key: 'k', appId: 'a', secret: 's' },
    leastWire: { vendor: 'tencent', params: { key: 'k', app_id: 'a', secret: 's' } },
    most: { key: 'k', appId: 'a', secret: 's', engineModelType: '16k_zh', voiceId: 'v', language: 'zh-CN' },
    mostWire: {
      vendor: 'tencent',
      language: 'zh-CN',
      params: { key: 'k', app_id: 'a', secret: 's', engine_model_type: '16k_zh', voice_id: 'v' },
    },
  },
  {
    name: 'MicrosoftSTT',
    Vendor: MicrosoftSTT,
    least: { key: 'k', region: 'r' },
    leastWire: { vendor: 'microsoft', params: { key: 'k', region: 'r' } },
    most: { key: 'k', region: 'r', language: 'en-US', phraseList: ['AgentChat'] },
    mostWire: {
      vendor: 'microsoft',
      language: 'en-US',
      params: { key: 'k', region: 'r', language: 'en-US', phrase_list: ['AgentChat'] },
    },
  },
  ...(
    [
      ['XfyunSTT', XfyunSTT, 'xfyun', {}, {}],
      [
        'XfyunBigModelSTT',
        XfyunBigModelSTT,
        'xfyun_bigmodel',
        { languageName: 'English' },
        { language_name: 'English' },
      ],
    ] as const
  ).map(
    ([name, Vendor, vendor, more, moreWire]): Row => ({
      name,
      Vendor,
      least: { apiKey: 'k', appId: 'a', apiSecret: 's' },
      leastWire: {
        vendor,
        language: 'zh_cn',
        params: { api_key: 'k', app_id: 'a', api_secret: 's', language: 'zh_cn' },
      },
      most: { apiKey: 'k', appId: 'a', apiSecret: 's', language: 'en_us', ...more },
      mostWire: {
        vendor,
        language: 'en_us',
        params: { api_key: 'k', app_id: 'a', api_secret: 's', language: 'en_us', ...moreWire },
      },
    }),
  ),
  {
    name: 'XfyunDialectSTT',
    Vendor: XfyunDialectSTT,
    least: { appId: 'a', accessKeyId: 'i', accessKeySecret: 's' },
    leastWire: {
      vendor: 'xfyun_dialect',
      params: { app_id: 'a', access_key_id: 'i', access_key_secret: 's' },
    },
    most: { appId: 'a', accessKeyId: 'i', accessKeySecret: 's', language: 'zh' },
    mostWire: {
      vendor: 'xfyun_dialect',
      language: 'zh',
      params: { app_id: 'a', access_key_id: 'i', access_key_secret: 's', language: 'zh' },
    },
  },
  {
    ...llm('AliyunLLM', AliyunLLM, 'aliyun'),
    least: { apiKey: 'sk-1', model: 'm' },
    leastWire: { vendor: 'aliyun', ...MODEL_WIRE, url: DASHSCOPE },
  },
  llm('BytedanceLLM', BytedanceLLM, 'bytedance'),
  llm('DeepSeekLLM', DeepSeekLLM, 'deepseek'),
  llm('TencentLLM', TencentLLM, 'tencent'),
  llm('CustomLLM', CustomLLM, 'custom'),
  {
    name: 'MiniMaxTTS',
    Vendor: MiniMaxTTS,
    least: { key: 'k', voiceId: 'v' },
    leastWire: {
      vendor: 'minimax',
      params: {
        key: 'k',
        model: 'speech-01-turbo',
        url: 'wss://api.minimax.chat/ws/v1/t2a_v2',
        voice_setting: { voice_id: 'v' },
      },
    },
    most: {
      key: 'k',
      model: 'speech-02',
      voiceSetting: { voice_id: 'w', speed: 1, vol: 1, pitch: 0, emotion: 'happy' },
      url: 'wss://voice.example',
      groupId: 'g',
      audioSetting: { sample_rate: 16_000 },
      pronunciationDict: { tone: ['x'] },
      languageBoost: 'auto',
      skipPatterns: [1, 5],
    },
    mostWire: {
      vendor: 'minimax',
      params: {
        key: 'k',
        model: 'speech-02',
        voice_setting: { voice_id: 'w', speed: 1, vol: 1, pitch: 0, emotion: 'happy' },
        url: 'wss://voice.example',
        group_id: 'g',
        audio_setting: { sample_rate: 16_000 },
        pronunciation_dict: { tone: ['x'] },
        language_boost: 'auto',
      },
      skip_patterns: [1, 5],
    },
  },
  {
    name: 'MicrosoftTTS',
    Vendor: MicrosoftTTS,
    least: { key: 'k', region: 'r', voiceName: 'v' },
    leastWire: { vendor: 'microsoft', params: { key: 'k', region: 'r', voice_name: 'v' } },
    most: {
      key: 'k',
      region: 'r',
      voiceName: 'v',
      speed: 0.5,
      volume: 0,
      sampleRate: 8_000,
      skipPatterns: [2],
    },
    mostWire: {
      vendor: 'microsoft',
      params: { key: 'k', region: 'r', voice_name: 'v', speed: 0.5, volume: 0, sample_rate: 8_000 },
      skip_patterns: [2],
    },
  },
  {
    name: 'TencentTTS',
    Vendor: TencentTTS,
    least: { appId: 'a', secretId: 'i', secretKey: 's', voiceType: 101 },
    leastWire: {
      vendor: 'tencent',
      params: { app_id: 'a', secret_id: 'i', secret_key: 's', voice_type: 101 },
    },
    most: {
      appId: 'a',
      secretId: 'i',
      secretKey: 's',
      voiceType: 101,
      volume: 1,
      speed: 0,
      emotionCategory: 'sad',
      emotionIntensity: 100,
    },
    mostWire: {
      vendor: 'tencent',
      params: {
        app_id: 'a',
        secret_id: 'i',
        secret_key: 's',
        voice_type: 101,
        volume: 1,
        speed: 0,
        emotion_category: 'sad',
        emotion_intensity: 100,
      },
    },
  },
  {
    name: 'BytedanceTTS',
    Vendor: BytedanceTTS,
    least: { token: 't', appId: 'a', voiceType: 'v' },
    leastWire: { vendor: 'bytedance', params: { token: 't', app_id: 'a', voice_type: 'v' } },
    most: {
      token: 't',
      appId: 'a',
      voiceType: 'v',
      cluster: 'c',
      speedRatio: 1,
      volumeRatio: 1,
      pitchRatio: 1,
      emotion: 'happy',
    },
    mostWire: {
      vendor: 'bytedance',
      params: {
        token: 't',
        app_id: 'a',
        voice_type: 'v',
        cluster: 'c',
        speed_ratio: 1,
        volume_ratio: 1,
        pitch_ratio: 1,
        emotion: 'happy',
      },
    },
  },
  {
    name: 'BytedanceDuplexTTS',
    Vendor: BytedanceDuplexTTS,
    least: { appId: 'a', token: 't', speaker: 's' },
    leastWire: { vendor: 'bytedance_duplex', params: { app_id: 'a', token: 't', speaker: 's' } },
    most: { appId: 'a', token: 't', speaker: 's', skipPatterns: [3] },
    mostWire: {
      vendor: 'bytedance_duplex',
      params: { app_id: 'a', token: 't', speaker: 's' },
      skip_patterns: [3],
    },
  },
  {
    name: 'CosyVoiceTTS',
    Vendor: CosyVoiceTTS,
    least: { apiKey: 'k', model: 'm', voice: 'v' },
    leastWire: { vendor: 'cosyvoice', params: { api_key: 'k', model: 'm', voice: 'v' } },
    most: { apiKey: 'k', model: 'm', voice: 'v', sampleRate: 16_000 },
    mostWire: { vendor: 'cosyvoice', params: { api_key: 'k', model: 'm', voice: 'v', sample_rate: 16_000 } },
  },
  {
    name: 'StepFunTTS',
    Vendor: StepFunTTS,
    least: { apiKey: 'k', model: 'm', voiceId: 'v' },
    leastWire: { vendor: 'stepfun', params: { api_key: 'k', model: 'm', voice_id: 'v' } },
    most: { apiKey: 'k', model: 'm', voiceId: 'v', skipPatterns: [4] },
    mostWire: {
      vendor: 'stepfun',
      params: { api_key: 'k', model: 'm', voice_id: 'v' },
      skip_patterns: [4],
    },
  },
  {
    name: 'SensetimeAvatar',
    Vendor: SensetimeAvatar,
    least: { agoraToken: '007x', agoraUid: '4294967295', appId: 'a', appKey: 'k', sceneList: SCENES },
    leastWire: {
      enable: true,
      vendor: 'sensetime',
      params: {
        agora_token: '007x',
        agora_uid: '4294967295',
        appId: 'a',
        app_key: 'k',
        sceneList: SCENES,
      },
    },
    most: { agoraToken: '007x', agoraUid: '0', appId: 'a', appKey: 'k', sceneList: [] },
    mostWire: {
      enable: true,
      vendor: 'sensetime',
      params: { agora_token: '007x', agora_uid: '0', appId: 'a', app_key: 'k', sceneList: [] },
    },
  },
];

describe('vendors', () => {
  it('are all in the table', () => {
    const classes = Object.keys(agora).filter((name) => /(STT|LLM|TTS|Avatar)$/.test(name));
    expect(ROWS.map(({ name }) => name).sort()).toEqual(classes.sort());
  });

  it.each(ROWS)('$name travels as the platform wants it', ({ Vendor, least, leastWire, most, mostWire }) => {
    expect(new Vendor(least as never).toConfig()).toEqual(leastWire);
    expect(new Vendor(most as never).toConfig()).toEqual(mostWire);
    // Undefined and null are left out; JSON does not hold them either.
    const blank = Object.fromEntries(Object.keys(most).map((name) => [name, undefined]));
    expect(JSON.parse(JSON.stringify(new Vendor({ ...blank, ...least } as never).toConfig()))).toEqual(
      leastWire,
    );
  });

  it.each(
    ROWS.flatMap(({ name, Vendor, least }) =>
      Object.keys(least).flatMap((option) =>
        [undefined, null, '', 7n].map((value) => ({ name, Vendor, least, option, value })),
      ),
    ).filter(({ option, value, name }) => !(name === 'MiniMaxTTS' && option === 'voiceId' && value === 7n)),
  )('$name needs $option, not $value', ({ Vendor, least, option, value }) => {
    const error = thrownBy(() => new Vendor({ ...least, [option]: value } as never));
    expect(error).toBeInstanceOf(ValidationError);
    expect(error).toMatchObject({ field: option, outcome: 'not_sent' });
  });

  it.each(ROWS)('$name refuses an option that it does not know', ({ Vendor, least }) => {
    expect(thrownBy(() => new Vendor({ ...least, novelty: 1 } as never))).toMatchObject({ field: 'novelty' });
    expect(thrownBy(() => new Vendor('text' as never))).toBeInstanceOf(ValidationError);
  });

  it.each(ROWS)(
    '$name shows none of its keys, and is not changed from outside',
    ({ Vendor, most, mostWire }) => {
      const secret = 'the-secret-of-the-vendor';
      const keys = Object.keys(most).filter(
        (name) => /key|token|secret/i.test(name) && name !== 'accessKeyId',
      );
      const options = {
        ...most,
        ...Object.fromEntries(
          keys.filter((name) => typeof most[name] === 'string').map((name) => [name, secret]),
        ),
      };
      const vendor = new Vendor(options as never);
      expect(inspect(vendor, { depth: 9, showHidden: true }) + JSON.stringify(vendor)).not.toContain(secret);
      const untouched = new Vendor(most as never);
      (untouched.toConfig() as { params: object }).params = {};
      expect(untouched.toConfig()).toEqual(mostWire);
    },
  );

  const MICROSOFT = { key: 'k', region: 'r', voiceName: 'v' };
  const MINIMAX = { key: 'k', voiceId: 'v' };
  it.each([
    ['speed', MicrosoftTTS, { ...MICROSOFT, speed: 0.4 }],
    ['speed', MicrosoftTTS, { ...MICROSOFT, speed: 2.1 }],
    ['speed', MicrosoftTTS, { ...MICROSOFT, speed: Number.NaN }],
    ['volume', MicrosoftTTS, { ...MICROSOFT, volume: 101 }],
    ['volume', MicrosoftTTS, { ...MICROSOFT, volume: -1 }],
    ['sampleRate', MicrosoftTTS, { ...MICROSOFT, sampleRate: 44_100 }],
    ['skipPatterns[0]', MiniMaxTTS, { ...MINIMAX, skipPatterns: [0] }],
    ['skipPatterns[1]', MiniMaxTTS, { ...MINIMAX, skipPatterns: [1, 6] }],
    ['skipPatterns', MiniMaxTTS, { ...MINIMAX, skipPatterns: 1 }],
    ['voiceSetting', MiniMaxTTS, { key: 'k', voiceSetting: [] }],
    ['voiceId', MiniMaxTTS, { key: 'k', voiceSetting: {} }],
    ['voiceType', TencentTTS, { appId: 'a', secretId: 'i', secretKey: 's', voiceType: 1.5 }],
    ['temperature', CustomLLM, { ...MODEL, temperature: Number.POSITIVE_INFINITY }],
    ['maxTokens', CustomLLM, { ...MODEL, maxTokens: 0 }],
    ['maxHistory', CustomLLM, { ...MODEL, maxHistory: 1_025 }],
    ['phraseList[0]', MicrosoftSTT, { key: 'k', region: 'r', phraseList: [''] }],
    [
      'agoraUid',
      SensetimeAvatar,
      { agoraToken: 't', agoraUid: '4294967296', appId: 'a', appKey: 'k', sceneList: [] },
    ],
    [
      'agoraUid',
      SensetimeAvatar,
      { agoraToken: 't', agoraUid: 'ann', appId: 'a', appKey: 'k', sceneList: [] },
    ],
  ])('%s is kept within its bounds by %o', (field, Vendor, options) => {
    expect(thrownBy(() => new (Vendor as Row['Vendor'])(options as never))).toMatchObject({ field });
  });

  it('AliyunLLM: typed options win over params, but for the model', () => {
    const params = { model: 'other', temperature: 1, seed: 3 };
    expect(new AliyunLLM({ apiKey: 'k', model: 'm', temperature: 0, params }).toConfig().params).toEqual({
      model: 'other',
      temperature: 0,
      seed: 3,
    });
  });

  it('MiniMaxTTS: voiceId wins over that of voiceSetting, and the rest stays', () => {
    const voiceSetting = { voice_id: 'w', speed: 1 };
    expect(new MiniMaxTTS({ key: 'k', voiceId: 'v', voiceSetting }).toConfig().params.voice_setting).toEqual({
      voice_id: 'v',
      speed: 1,
    });
  });
});

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
