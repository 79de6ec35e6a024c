import type { Dialect } from '../shared/dialect.js';

/** How an agent remembers: all of a conversation, or what is near in meaning. */
export type PhosonMemoryType = 'persistent' | 'semantic';

/** An agent. Fields that are not known here are kept. */
export interface PhosonAgent {
  id: string;
  name?: string;
  description?: string | null;
  memory_type?: PhosonMemoryType | (string & Record<never, never>);
  created_at?: string;
  updated_at?: string;
  [field: string]: unknown;
}

/** A conversation with an agent. */
export interface PhosonConversation {
  id: string;
  agent_id?: string;
  title?: string;
  /** The caller's own id of it. */
  thread_id?: string | null;
  created_at?: string;
  updated_at?: string;
  [field: string]: unknown;
}

/** A message of a conversation. */
export interface PhosonMessage {
  /** `user`, `assistant`, ... Always there in a history. */
  role?: string;
  content: string;
  id?: string;
  conversation_id?: string;
  run_id?: string;
  created_at?: string;
  [field: string]: unknown;
}

type Fields = Record<string, unknown>;

/** Fields that are texts here, and may be numbers there. */
const IDS: readonly string[] = ['id', 'agent_id', 'conversation_id', 'thread_id', 'run_id', 'tool_call_id'];
/** Where a list may be, when it does not come alone. */
const LISTS: readonly string[] = ['items', 'data', 'agents', 'conversations', 'messages'];

/** An object of the wire's, its ids as texts. */
export function withTextIds(fields: Fields): Fields {
  const numbers = IDS.filter((name) => typeof fields[name] === 'number');
  if (numbers.length === 0) return fields;
  return { ...fields, ...Object.fromEntries(numbers.map((name) => [name, String(fields[name])])) };
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads answers. @throws PhosonApiError of kind `protocol` for one that is not what was asked for. */
export class RecordReader {
  readonly #dialect: Dialect;
  readonly #label: string;

  /** @param label Names the operation in messages. */
  constructor(dialect: Dialect, label: string) {
    this.#dialect = dialect;
    this.#label = label;
  }

  agent(data: unknown): PhosonAgent {
    return this.#record(data, 'id') as PhosonAgent;
  }

  conversation(data: unknown): PhosonConversation {
    return this.#record(data, 'id') as PhosonConversation;
  }

  message(data: unknown): PhosonMessage {
    return this.#record(data, 'content') as unknown as PhosonMessage;
  }

  /** A list, alone or wrapped. What is no object in it is left out. */
  list<T>(data: unknown): T[] {
    const wrapped = isFields(data) ? LISTS.map((name) => data[name]).find(isList) : data;
    if (wrapped === null || wrapped === undefined) {
      if (data === null || data === undefined || wrapped === null) return [];
      throw this.#unlike('a list');
    }
    if (!Array.isArray(wrapped)) throw this.#unlike('a list');
    return wrapped.filter(isFields).map((entry) => withTextIds(entry) as T);
  }

  #record(data: unknown, needed: string): Fields {
    const record = isFields(data) ? withTextIds(data) : undefined;
    if (typeof record?.[needed] !== 'string') throw this.#unlike(`an object with "${needed}"`);
    return record;
  }

  #unlike(what: string): Error {
    return this.#dialect.error({
      platform: 'phoson',
      kind: 'protocol',
      message: `${this.#label}: the answer is not ${what}. Check "baseUrl" and "routes".`,
      outcome: 'unknown',
    });
  }
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || value === null;
}
