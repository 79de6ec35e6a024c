import { checkFilled } from '../../../http/index.js';
import type { LlmConfig, McpServer } from '../operations/properties.js';
import { anObject, integerIn, listOf, maybe, needed, numberIn, wireOptions } from './option-reader.js';
import type { Vendor } from './vendor.js';

/** Options of the language models. Objects in them travel as they are. */
export interface LlmOptions {
  readonly apiKey: string;
  readonly model: string;
  /** Where the model is, in the form of OpenAI's chat completions. */
  readonly url: string;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  /** More for the model. The options above win over it, but `params.model` wins over `model`. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** `openai`, `gemini`, `anthropic`, `dify`. */
  readonly style?: string | undefined;
  /** The agent's `instructions` win over them. */
  readonly systemMessages?: readonly Record<string, unknown>[] | undefined;
  /** Messages that are remembered, 1 to 1,024. */
  readonly maxHistory?: number | undefined;
  readonly greetingMessage?: string | undefined;
  readonly failureMessage?: string | undefined;
  readonly inputModalities?: readonly string[] | undefined;
  readonly outputModalities?: readonly string[] | undefined;
  readonly greetingConfigs?: LlmConfig['greeting_configs'];
  readonly templateVariables?: Readonly<Record<string, string>> | undefined;
  readonly mcpServers?: readonly McpServer[] | undefined;
}

/** Those of {@link AliyunLLM}: `url` has a default. */
export interface AliyunLLMOptions extends Omit<LlmOptions, 'url'> {
  /** Default: the address of Aliyun's DashScope in its OpenAI-compatible mode. */
  readonly url?: string | undefined;
}

const DASHSCOPE = 'https://dashscope.aliyuncs.com/compatible-mode/v1/chat/completions';

const OF_THE_MODEL = {
  maxTokens: maybe('max_tokens', integerIn(1)),
  temperature: maybe('temperature', numberIn()),
  topP: maybe('top_p', numberIn()),
};
const RULES = {
  apiKey: needed('api_key'),
  model: needed('model'),
  url: needed('url'),
  ...OF_THE_MODEL,
  params: maybe('params', anObject),
  style: maybe('style'),
  systemMessages: maybe('system_messages', listOf(anObject)),
  maxHistory: maybe('max_history', integerIn(1, 1_024)),
  greetingMessage: maybe('greeting_message'),
  failureMessage: maybe('failure_message'),
  inputModalities: maybe('input_modalities', listOf(checkFilled)),
  outputModalities: maybe('output_modalities', listOf(checkFilled)),
  greetingConfigs: maybe('greeting_configs', anObject),
  templateVariables: maybe('template_variables', anObject),
  mcpServers: maybe('mcp_servers', listOf(anObject)),
};

/** A language model. Keeps its configuration to itself: keys are in it. */
abstract class Llm implements Vendor<LlmConfig> {
  readonly #config: LlmConfig;

  protected constructor(who: string, vendor: string, options: LlmOptions) {
    const { model, params, max_tokens, temperature, top_p, ...rest } = wireOptions(who, options, RULES);
    const typed = Object.entries({ max_tokens, temperature, top_p }).filter(
      ([, value]) => value !== undefined,
    );
    const ofTheModel = { model, ...(params as object | undefined), ...Object.fromEntries(typed) };
    this.#config = structuredClone({ vendor, ...rest, params: ofTheModel }) as unknown as LlmConfig;
  }

  toConfig(): LlmConfig {
    return structuredClone(this.#config);
  }
}

/**
 * @example
 * new AliyunLLM({ apiKey: process.env.DASHSCOPE_API_KEY, model: 'qwen-max' });
 */
export class AliyunLLM extends Llm {
  constructor(options: AliyunLLMOptions) {
    super('AliyunLLM', 'aliyun', { ...options, url: options?.url ?? DASHSCOPE });
  }
}

export class BytedanceLLM extends Llm {
  constructor(options: LlmOptions) {
    super('BytedanceLLM', 'bytedance', options);
  }
}

export class DeepSeekLLM extends Llm {
  constructor(options: LlmOptions) {
    super('DeepSeekLLM', 'deepseek', options);
  }
}

export class TencentLLM extends Llm {
  constructor(options: LlmOptions) {
    super('TencentLLM', 'tencent', options);
  }
}

/**
 * Any endpoint in the form of OpenAI's chat completions: yours too, made with {@link chatCompletions}.
 *
 * @example
 * new CustomLLM({ url: 'https://bot.example.com/v1/chat/completions', apiKey: process.env.BRAIN_KEY, model: 'my-bot' });
 */
export class CustomLLM extends Llm {
  constructor(options: LlmOptions) {
    super('CustomLLM', 'custom', options);
  }
}
