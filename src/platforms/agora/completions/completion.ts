/** What a completion cost, as OpenAI counts. */
interface CompletionUsage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** One completion: the objects of its answer, whole or in pieces. */
export class Completion {
  readonly #id = `chatcmpl-${crypto.randomUUID()}`;
  readonly #created = Math.floor(Date.now() / 1_000);
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  whole(content: string, usage: unknown): object {
    const message = { role: 'assistant', content, refusal: null };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
    const counted = usageOf(usage);
    return { ...this.#head('chat.completion'), choices, ...(counted === null ? {} : { usage: counted }) };
  }

  first(): object {
    return this.#chunk({ role: 'assistant', content: '' }, null);
  }

  piece(content: string): object {
    return this.#chunk({ content }, null);
  }

  last(): object {
    return this.#chunk({}, 'stop');
  }

  /** Null where nobody has counted. */
  usage(usage: unknown): object | null {
    const counted = usageOf(usage);
    return counted === null ? null : { ...this.#head('chat.completion.chunk'), choices: [], usage: counted };
  }

  #chunk(delta: object, finish_reason: 'stop' | null): object {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
    return { ...this.#head('chat.completion.chunk'), choices };
  }

  #head(object: string) {
    return { id: this.#id, object, created: this.#created, model: this.#model };
  }
}

/** Whatever a platform counts, if it counts what OpenAI does. */
function usageOf(usage: unknown): CompletionUsage | null {
  const counts = (usage ?? {}) as Readonly<Record<string, unknown>>;
  const prompt = counts.prompt_tokens ?? counts.promptTokens;
  const completion = counts.completion_tokens ?? counts.completionTokens;
  if (typeof prompt !== 'number' || typeof completion !== 'number') return null;
  const total = counts.total_tokens ?? counts.totalTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: typeof total === 'number' ? total : prompt + completion,
  };
}
