/**
 * What an agent is started with, as on the wire. The objects are open: a field that this package does not know yet may be
 * added, and travels as it is.
 */
export interface StartProperties extends Open {
  channel: string;
  /** A 007 token with RTC, and with RTM where `advanced_features.enable_rtm` is set. */
  token: string;
  /** `'0'`: one is drawn. */
  agent_rtc_uid: string;
  /** Whom the agent hears: one uid, or `['*']`. */
  remote_rtc_uids: string[];
  /** Default false: uids are numbers, written as strings. */
  enable_string_uid?: boolean;
  /** Seconds after which an agent that nobody talks to leaves. Default 30; 0: never. */
  idle_timeout?: number;
  asr?: AsrConfig;
  /** Required unless a multimodal model speaks. */
  tts?: TtsConfig;
  /** Required unless a multimodal model speaks. */
  llm?: LlmConfig;
  /** One model in place of `asr`, `llm` and `tts`. */
  mllm?: MllmConfig;
  avatar?: AvatarConfig;
  advanced_features?: AdvancedFeatures;
  turn_detection?: TurnDetection;
  sal?: Sal;
  /** Come back in callbacks. */
  labels?: Record<string, string>;
  rtc?: RtcEncryption;
  filler_words?: FillerWords;
  geofence?: Geofence;
  parameters?: AgentParameters;
}

/** Fields that the wire may have beside those that are known. */
interface Open {
  [field: string]: unknown;
}

/** How speech becomes text. */
export interface AsrConfig extends Open {
  /** Default `zh-CN`. */
  language?: string;
  vendor?: string;
  params?: Record<string, unknown>;
}

/** How text becomes speech. */
export interface TtsConfig extends Open {
  vendor: string;
  params: Record<string, unknown>;
  /** Kinds of brackets whose text is not spoken, 1 to 5. */
  skip_patterns?: number[];
}

/** What thinks. */
export interface LlmConfig extends Open {
  url: string;
  api_key?: string;
  /** `aliyun`, `bytedance`, `deepseek`, `tencent`, `custom`. */
  vendor?: string;
  /** `openai`, `gemini`, `anthropic`, `dify`. */
  style?: string;
  system_messages?: Record<string, unknown>[];
  /** Of the model: `model`, `max_tokens`, ... */
  params?: Record<string, unknown>;
  /** Messages that are remembered, 1 to 1,024. Default 32. */
  max_history?: number;
  greeting_message?: string;
  /** Said when the model fails. */
  failure_message?: string;
  input_modalities?: string[];
  output_modalities?: string[];
  greeting_configs?: { mode?: 'single_every' | 'single_first' | (string & {}); [field: string]: unknown };
  template_variables?: Record<string, string>;
  mcp_servers?: McpServer[];
}

/** A server of tools. */
export interface McpServer extends Open {
  name: string;
  endpoint: string;
  transport?: 'streamable_http' | (string & {});
  headers?: Record<string, string>;
  allowed_tools?: string[];
  timeout_ms?: number;
}

/** A model that hears and speaks by itself. */
export interface MllmConfig extends Open {
  url?: string;
  api_key?: string;
  vendor?: string;
  style?: string;
  params?: Record<string, unknown>;
  messages?: Record<string, unknown>[];
  input_modalities?: string[];
  output_modalities?: string[];
  greeting_message?: string;
}

/** A face. */
export interface AvatarConfig extends Open {
  /** Default true. */
  enable?: boolean;
  vendor: string;
  params: Record<string, unknown>;
}

export interface AdvancedFeatures extends Open {
  enable_rtm?: boolean;
  enable_sal?: boolean;
  enable_tools?: boolean;
  enable_mllm?: boolean;
}

/** When somebody begins to speak, and when he has ended. */
export interface TurnDetection extends Open {
  mode?: 'default' | (string & {});
  config?: {
    speech_threshold?: number;
    start_of_speech?: {
      mode?: 'vad' | 'keywords' | 'disabled' | (string & {});
      vad_config?: {
        interrupt_duration_ms?: number;
        speaking_interrupt_duration_ms?: number;
        prefix_padding_ms?: number;
      };
      keywords_config?: {
        interrupt_duration_ms?: number;
        prefix_padding_ms?: number;
        triggered_keywords?: string[];
      };
      disabled_config?: { strategy?: 'append' | 'ignored' | (string & {}) };
      [field: string]: unknown;
    };
    end_of_speech?: {
      mode?: 'vad' | 'semantic' | (string & {});
      vad_config?: { silence_duration_ms?: number };
      semantic_config?: { silence_duration_ms?: number; max_wait_ms?: number };
      [field: string]: unknown;
    };
    [field: string]: unknown;
  };
}

/** Whose voice counts. */
export interface Sal extends Open {
  sal_mode?: 'locking' | 'recognition' | (string & {});
  sample_urls?: Record<string, string>;
}

export interface RtcEncryption extends Open {
  encryption_key?: string;
  encryption_salt?: string;
  /** 1 to 8. */
  encryption_mode?: number;
}

/** What is said while the model thinks. */
export interface FillerWords extends Open {
  enable?: boolean;
  trigger?: {
    mode?: 'fixed_time' | (string & {});
    fixed_time_config?: { response_wait_ms?: number };
    [field: string]: unknown;
  };
  content?: {
    mode?: 'static' | (string & {});
    static_config?: { phrases?: string[]; selection_rule?: 'shuffle' | 'round_robin' | (string & {}) };
    [field: string]: unknown;
  };
}

/** Which of the platform's servers may be used. */
export interface Geofence extends Open {
  area: 'GLOBAL' | 'NORTH_AMERICA' | 'EUROPE' | 'ASIA' | 'INDIA' | 'JAPAN' | (string & {});
  exclude_area?: string;
}

export interface AgentParameters extends Open {
  silence_config?: { timeout_ms?: number; action?: 'speak' | 'think' | (string & {}); content?: string };
  farewell_config?: { graceful_enabled?: boolean; graceful_timeout_seconds?: number };
  data_channel?: 'rtm' | 'datastream' | (string & {});
  enable_metrics?: boolean;
  enable_error_message?: boolean;
}
