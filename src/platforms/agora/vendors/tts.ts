import { invalid } from '../../../http/index.js';
import type { TtsConfig } from '../operations/properties.js';
import {
  anObject,
  integerIn,
  listOf,
  maybe,
  needed,
  numberIn,
  type OptionRules,
  oneOf,
  wireOptions,
} from './option-reader.js';
import type { Vendor } from './vendor.js';

/** What every voice can be told. */
interface SpokenOptions {
  /** Kinds of brackets whose text is not spoken, 1 to 5. */
  readonly skipPatterns?: readonly number[] | undefined;
}

const SPOKEN = { skipPatterns: maybe('skip_patterns', listOf(integerIn(1, 5))) };

/** Text to speech. Keeps its configuration to itself: keys are in it. */
abstract class Tts implements Vendor<TtsConfig> {
  readonly #config: TtsConfig;

  protected constructor(vendor: string, { skip_patterns, ...params }: Record<string, unknown>) {
    const skip = skip_patterns === undefined ? {} : { skip_patterns: skip_patterns as number[] };
    this.#config = structuredClone({ vendor, params, ...skip });
  }

  toConfig(): TtsConfig {
    return structuredClone(this.#config);
  }
}

function spoken(who: string, options: object, rules: OptionRules): Record<string, unknown> {
  return wireOptions(who, options, { ...rules, ...SPOKEN });
}

/** How MiniMax speaks, as on the wire. */
export interface MiniMaxVoiceSetting {
  voice_id: string;
  speed?: number;
  vol?: number;
  pitch?: number;
  emotion?: string;
  [field: string]: unknown;
}

export interface MiniMaxTTSOptions extends SpokenOptions {
  readonly key: string;
  /** The short form of `voiceSetting: { voice_id }`. One of the two is needed. */
  readonly voiceId?: string | undefined;
  readonly voiceSetting?: MiniMaxVoiceSetting | undefined;
  /** Default `speech-01-turbo`. */
  readonly model?: string | undefined;
  /** Default `wss://api.minimax.chat/ws/v1/t2a_v2`. */
  readonly url?: string | undefined;
  readonly groupId?: string | undefined;
  /** As on the wire, such as `{ sample_rate: 16000 }`. */
  readonly audioSetting?: Readonly<Record<string, unknown>> | undefined;
  readonly pronunciationDict?: Readonly<Record<string, unknown>> | undefined;
  readonly languageBoost?: string | undefined;
}

/**
 * @example
 * new MiniMaxTTS({ key: process.env.MINIMAX_KEY, voiceId: 'female-shaonv' });
 */
export class MiniMaxTTS extends Tts {
  constructor(options: MiniMaxTTSOptions) {
    const { voice_id, voice_setting, ...params } = spoken('MiniMaxTTS', options, {
      key: needed('key'),
      voiceId: maybe('voice_id'),
      voiceSetting: maybe('voice_setting', anObject),
      model: maybe('model'),
      url: maybe('url'),
      groupId: maybe('group_id'),
      audioSetting: maybe('audio_setting', anObject),
      pronunciationDict: maybe('pronunciation_dict', anObject),
      languageBoost: maybe('language_boost'),
    });
    const setting: Record<string, unknown> = { ...(voice_setting as object | undefined) };
    if (voice_id !== undefined) setting.voice_id = voice_id;
    if (typeof setting.voice_id !== 'string' || setting.voice_id === '') {
      throw invalid('voiceId', 'MiniMaxTTS needs the option "voiceId", or "voiceSetting" with a voice_id');
    }
    super('minimax', {
      model: 'speech-01-turbo',
      url: 'wss://api.minimax.chat/ws/v1/t2a_v2',
      ...params,
      voice_setting: setting,
    });
  }
}

export interface MicrosoftTTSOptions extends SpokenOptions {
  readonly key: string;
  readonly region: string;
  readonly voiceName: string;
  /** 0.5 to 2. */
  readonly speed?: number | undefined;
  /** 0 to 100. */
  readonly volume?: number | undefined;
  /** In Hz. */
  readonly sampleRate?: 8_000 | 16_000 | 24_000 | 48_000 | undefined;
}

export class MicrosoftTTS extends Tts {
  constructor(options: MicrosoftTTSOptions) {
    super(
      'microsoft',
      spoken('MicrosoftTTS', options, {
        key: needed('key'),
        region: needed('region'),
        voiceName: needed('voice_name'),
        speed: maybe('speed', numberIn(0.5, 2)),
        volume: maybe('volume', numberIn(0, 100)),
        sampleRate: maybe('sample_rate', oneOf(8_000, 16_000, 24_000, 48_000)),
      }),
    );
  }
}

export interface TencentTTSOptions extends SpokenOptions {
  readonly appId: string;
  readonly secretId: string;
  readonly secretKey: string;
  readonly voiceType: number;
  readonly volume?: number | undefined;
  readonly speed?: number | undefined;
  readonly emotionCategory?: string | undefined;
  readonly emotionIntensity?: number | undefined;
}

export class TencentTTS extends Tts {
  constructor(options: TencentTTSOptions) {
    super(
      'tencent',
      spoken('TencentTTS', options, {
        appId: needed('app_id'),
        secretId: needed('secret_id'),
        secretKey: needed('secret_key'),
        voiceType: needed('voice_type', integerIn()),
        volume: maybe('volume', numberIn()),
        speed: maybe('speed', numberIn()),
        emotionCategory: maybe('emotion_category'),
        emotionIntensity: maybe('emotion_intensity', numberIn()),
      }),
    );
  }
}

export interface BytedanceTTSOptions extends SpokenOptions {
  readonly token: string;
  readonly appId: string;
  readonly voiceType: string;
  readonly cluster?: string | undefined;
  readonly speedRatio?: number | undefined;
  readonly volumeRatio?: number | undefined;
  readonly pitchRatio?: number | undefined;
  readonly emotion?: string | undefined;
}

export class BytedanceTTS extends Tts {
  constructor(options: BytedanceTTSOptions) {
    super(
      'bytedance',
      spoken('BytedanceTTS', options, {
        token: needed('token'),
        appId: needed('app_id'),
        voiceType: needed('voice_type'),
        cluster: maybe('cluster'),
        speedRatio: maybe('speed_ratio', numberIn()),
        volumeRatio: maybe('volume_ratio', numberIn()),
        pitchRatio: maybe('pitch_ratio', numberIn()),
        emotion: maybe('emotion'),
      }),
    );
  }
}

export interface BytedanceDuplexTTSOptions extends SpokenOptions {
  readonly appId: string;
  readonly token: string;
  readonly speaker: string;
}

export class BytedanceDuplexTTS extends Tts {
  constructor(options: BytedanceDuplexTTSOptions) {
    super(
      'bytedance_duplex',
      spoken('BytedanceDuplexTTS', options, {
        appId: needed('app_id'),
        token: needed('token'),
        speaker: needed('speaker'),
      }),
    );
  }
}

export interface CosyVoiceTTSOptions extends SpokenOptions {
  readonly apiKey: string;
  readonly model: string;
  readonly voice: string;
  /** In Hz. */
  readonly sampleRate?: number | undefined;
}

export class CosyVoiceTTS extends Tts {
  constructor(options: CosyVoiceTTSOptions) {
    super(
      'cosyvoice',
      spoken('CosyVoiceTTS', options, {
        apiKey: needed('api_key'),
        model: needed('model'),
        voice: needed('voice'),
        sampleRate: maybe('sample_rate', integerIn(1)),
      }),
    );
  }
}

export interface StepFunTTSOptions extends SpokenOptions {
  readonly apiKey: string;
  readonly model: string;
  readonly voiceId: string;
}

export class StepFunTTS extends Tts {
  constructor(options: StepFunTTSOptions) {
    super(
      'stepfun',
      spoken('StepFunTTS', options, {
        apiKey: needed('api_key'),
        model: needed('model'),
        voiceId: needed('voice_id'),
      }),
    );
  }
}
