import { checkFilled } from '../../../http/index.js';
import type { AsrConfig } from '../operations/properties.js';
import { listOf, maybe, needed, wireOptions } from './option-reader.js';
import type { Vendor } from './vendor.js';

/** Speech to text. Keeps its configuration to itself: keys are in it. */
abstract class Stt implements Vendor<AsrConfig> {
  readonly #config: AsrConfig;

  protected constructor(config: AsrConfig) {
    this.#config = config;
  }

  toConfig(): AsrConfig {
    return structuredClone(this.#config);
  }
}

export interface FengmingSTTOptions {
  /** Default `zh-CN`. */
  readonly language?: string | undefined;
}

/** The platform's own recognition in China. It needs no key. */
export class FengmingSTT extends Stt {
  constructor(options: FengmingSTTOptions = {}) {
    const { language = 'zh-CN' } = wireOptions('FengmingSTT', options, { language: maybe('language') });
    super({ vendor: 'fengming', language: language as string, params: {} });
  }
}

export interface TencentSTTOptions {
  readonly key: string;
  readonly appId: string;
  readonly secret: string;
  readonly engineModelType?: string | undefined;
  readonly voiceId?: string | undefined;
  readonly language?: string | undefined;
}

export class TencentSTT extends Stt {
  constructor(options: TencentSTTOptions) {
    const { language, ...params } = wireOptions('TencentSTT', options, {
      key: needed('key'),
      appId: needed('app_id'),
      secret: needed('secret'),
      engineModelType: maybe('engine_model_type'),
      voiceId: maybe('voice_id'),
      language: maybe('language'),
    });
    super({ vendor: 'tencent', ...beside(language), params });
  }
}

export interface MicrosoftSTTOptions {
  readonly key: string;
  readonly region: string;
  readonly language?: string | undefined;
  /** Words that are likely to come up. */
  readonly phraseList?: readonly string[] | undefined;
}

export class MicrosoftSTT extends Stt {
  constructor(options: MicrosoftSTTOptions) {
    const params = wireOptions('MicrosoftSTT', options, {
      key: needed('key'),
      region: needed('region'),
      language: maybe('language'),
      phraseList: maybe('phrase_list', listOf(checkFilled)),
    });
    // The language stands in both places.
    super({ vendor: 'microsoft', ...beside(params.language), params });
  }
}

export interface XfyunSTTOptions {
  readonly apiKey: string;
  readonly appId: string;
  readonly apiSecret: string;
  /** Default `zh_cn`. */
  readonly language?: string | undefined;
}

const XFYUN = { apiKey: needed('api_key'), appId: needed('app_id'), apiSecret: needed('api_secret') };

export class XfyunSTT extends Stt {
  constructor(options: XfyunSTTOptions) {
    const { language = 'zh_cn', ...params } = wireOptions('XfyunSTT', options, {
      ...XFYUN,
      language: maybe('language'),
    });
    super({ vendor: 'xfyun', language: language as string, params: { ...params, language } });
  }
}

export interface XfyunBigModelSTTOptions extends XfyunSTTOptions {
  readonly languageName?: string | undefined;
}

export class XfyunBigModelSTT extends Stt {
  constructor(options: XfyunBigModelSTTOptions) {
    const { language = 'zh_cn', ...params } = wireOptions('XfyunBigModelSTT', options, {
      ...XFYUN,
      language: maybe('language'),
      languageName: maybe('language_name'),
    });
    super({ vendor: 'xfyun_bigmodel', language: language as string, params: { ...params, language } });
  }
}

export interface XfyunDialectSTTOptions {
  readonly appId: string;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly language?: string | undefined;
}

export class XfyunDialectSTT extends Stt {
  constructor(options: XfyunDialectSTTOptions) {
    const params = wireOptions('XfyunDialectSTT', options, {
      appId: needed('app_id'),
      accessKeyId: needed('access_key_id'),
      accessKeySecret: needed('access_key_secret'),
      language: maybe('language'),
    });
    super({ vendor: 'xfyun_dialect', ...beside(params.language), params });
  }
}

/** The language as a field beside `params`, where there is one. */
function beside(language: unknown): { language?: string } {
  return typeof language === 'string' ? { language } : {};
}
