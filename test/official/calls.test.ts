import * as official from 'agentchatme';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as here from '../../src/index.js';
import { CALLS, type Case, REFUSALS } from './calls.js';
import { type Request, Stub } from './stub.js';

type Package = typeof official;
const ours = here as unknown as Package;

let stub: Stub;
beforeAll(async () => {
  stub = await Stub.start();
});
afterAll(() => stub.close());

/** What a user sees of a call, and the service of its requests. */
interface Seen {
  readonly value?: unknown;
  readonly error?: Readonly<Record<string, unknown>>;
  readonly requests: readonly Request[];
}

async function seen(whose: Package, { answers, call }: Case, maxRetries: number): Promise<Seen> {
  stub.reset(answers);
  const client = new whose.AgentChatClient({
    apiKey: 'ac_live_a_key_of_the_stub',
    baseUrl: stub.url,
    retry: { maxRetries, baseDelayMs: 1, maxDelayMs: 1 },
    // So that the header is the same: what is sent without it is a listed difference.
    clientIdentity: { name: 'mcp', version: '1' },
  });
  try {
    return { value: plain(await call(client)), requests: [...stub.requests] };
  } catch (error) {
    return { error: factsOf(whose, error as Error), requests: [...stub.requests] };
  }
}

/** As JSON would have it: fields that are `undefined` are not there. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

const FACTS = [
  'code',
  'status',
  'message',
  'details',
  'requestId',
  'retryAfterMs',
  'recipientHandle',
  'undeliveredCount',
  'waitingSince',
  'groupId',
  'deletedByHandle',
  'deletedAt',
] as const;

/** Which of the official classes it is an instance of, and the official facts. */
function factsOf(whose: Package, error: Error): Record<string, unknown> {
  const classes = Object.entries(official)
    .filter(([, value]) => typeof value === 'function' && value.prototype instanceof Error)
    .map(([name]) => name)
    .filter((name) => error instanceof (Reflect.get(whose, name) as typeof Error));
  // All of ours may have a `retryAfterMs`. One that is not known tells nothing that the official error does not.
  const extra = error instanceof whose.RateLimitedError ? undefined : 'retryAfterMs';
  const facts = FACTS.filter((name) => {
    const fact: unknown = Reflect.get(error, name);
    return fact !== undefined && !(name === extra && fact === null);
  });
  const told = Object.fromEntries(facts.map((name) => [name, Reflect.get(error, name)]));
  // What ours says after it is a listed difference (`errorTexts`).
  told.message = String(told.message).split('. ')[0];
  // What an abort says is the reason's text, or a sentence of ours with the reason as its cause.
  if (error.name === 'AbortError') return { classes, name: error.name };
  return { classes, ...told };
}

describe.each([
  ['every method', CALLS, 1],
  ['every refusal', REFUSALS, 0],
] as const)('%s', (_, table, maxRetries) => {
  it.each(table)('$name comes to the same as with the official package', async (entry) => {
    const theirs = await seen(official, entry, maxRetries);
    const mine = await seen(ours, entry, maxRetries);
    if (entry.differs !== undefined) expect(mine).not.toEqual(theirs);
    else expect(mine).toEqual(theirs);
  });
});

describe('who is calling', () => {
  // The difference `clientHeader`.
  it('is told by the official client in any case, and by ours when clientIdentity is given', async () => {
    const headers = [];
    for (const whose of [official, ours]) {
      stub.reset([{ body: { handle: 'bot' } }]);
      await new whose.AgentChatClient({ apiKey: 'ac_live_a_key_of_the_stub', baseUrl: stub.url }).getMe();
      headers.push(stub.requests[0]?.headers['x-agentchat-client']);
    }
    expect(headers).toEqual(['typescript_sdk', undefined]);
  });
});

describe('the table', () => {
  it('has every method of the official client', () => {
    const methods = Object.getOwnPropertyNames(official.AgentChatClient.prototype).filter(
      (name) => !['constructor', 'get', 'del', 'post', 'patch', 'put', 'toRequestOpts'].includes(name),
    );
    const called = new Set(CALLS.map(({ call }) => /\bc\.(\w+)\(/.exec(String(call))?.[1]));
    expect(methods.filter((name) => !called.has(name))).toEqual([]);
  });
});
