import { checkApiKey, checkOptionNames, given, invalid, readEnvironment } from '../../http/index.js';
import type { PlatformTransportOptions } from '../shared/platform-transport.js';
import { Agents } from './groups/agents.js';
import { Byok } from './groups/byok.js';
import { EvalRuns } from './groups/eval-runs.js';
import { EvalTemplates } from './groups/eval-templates.js';
import { SonzaiDialect } from './sonzai-dialect.js';
import { SonzaiWire } from './sonzai-wire.js';

/** Options of {@link Sonzai}. */
export interface SonzaiOptions extends Omit<PlatformTransportOptions, 'baseUrl'> {
  /** Begins with `sk-`, and belongs to one project. Default: `SONZAI_API_KEY`. */
  apiKey?: string | undefined;
  /** Default: `SONZAI_BASE_URL`, else `https://api.sonz.ai`. */
  baseUrl?: string | undefined;
  /** How long nothing may come, in milliseconds: of a stream, the pause between frames. Default 30,000; 0 means no limit. */
  timeoutMs?: number | undefined;
  /** How often a read, a deletion or a write with an `idempotencyKey` is made again. Default 2. */
  maxRetries?: number | undefined;
}

const NAMES: readonly string[] = ['apiKey', 'baseUrl', 'timeoutMs', 'maxRetries', 'fetch', 'hooks', 'clock'];
const DEFAULT_BASE_URL = 'https://api.sonz.ai';
const DEFAULT_TIMEOUT_MS = 30_000;

/**
 * Sonzai: agents with a personality, a memory and moods, behind one HTTP API. Methods stand in the groups of the platform's own SDK. Ids
 * that are part of a path come first, then one object with the fields as on the wire, then call options.
 *
 * Every call rejects with a {@link SonzaiError} of the class of its status, with `ValidationError` before anything is sent, and with
 * `AbortedError` when its signal fires.
 *
 * @example
 * const sonzai = new Sonzai(); // the key comes from SONZAI_API_KEY
 * const { content } = await sonzai.agents.chat('luna', {
 *   messages: [{ role: 'user', content: 'Hello!' }],
 *   user_id: 'alice',
 * });
 */
export class Sonzai {
  /** Agents, and what they say, remember and feel. */
  readonly agents: Agents;
  /** Keys of model providers that a project brings. They need a key of the scope `read:byok` or `write:byok`. */
  readonly byok: Byok;
  /** What agents are judged by. */
  readonly evalTemplates: EvalTemplates;
  /** Simulations and evaluations that have been run. */
  readonly evalRuns: EvalRuns;
  readonly #wire: SonzaiWire;

  /** @throws ValidationError when there is no key, or an option is unknown or cannot be. */
  constructor(asked: SonzaiOptions = {}) {
    const options = given(asked);
    checkOptionNames(options, NAMES, 'Sonzai option');
    const { apiKey = readEnvironment('SONZAI_API_KEY'), baseUrl, ...transport } = options;
    if (apiKey === undefined) {
      throw invalid('apiKey', 'Sonzai needs a key: pass "apiKey", or set SONZAI_API_KEY');
    }
    const wire = new SonzaiWire(new SonzaiDialect(checkApiKey(apiKey)), {
      timeoutMs: DEFAULT_TIMEOUT_MS,
      ...transport,
      baseUrl: baseUrl ?? readEnvironment('SONZAI_BASE_URL') ?? DEFAULT_BASE_URL,
    });
    this.#wire = wire;
    this.agents = new Agents(wire);
    this.byok = new Byok(wire);
    this.evalTemplates = new EvalTemplates(wire);
    this.evalRuns = new EvalRuns(wire);
  }

  /** Where requests go, without `/api/v1`. */
  get baseUrl(): string {
    return this.#wire.baseUrl;
  }

  /** Ends all that runs with an `AbortedError`, and refuses later calls. May be called more than once. */
  close(): void {
    this.#wire.close();
  }

  /** What `JSON.stringify` shows. Never the key. */
  toJSON(): { baseUrl: string } {
    return { baseUrl: this.baseUrl };
  }
}
