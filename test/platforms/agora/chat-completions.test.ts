import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import {
  type Brain,
  type BrainTurn,
  type ChatCompletionsOptions,
  type CompletionRequest,
  chatCompletions,
  nodeCompletions,
  PlatformError,
  type ThoughtAsk,
  type ThoughtEvent,
} from 'agentchat-client/platforms/agora';
import OpenAI from 'openai';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { respondentOf, type ThoughtSource } from '../../../src/platforms/shared/respondent.js';
import { serve } from './web-server.js';

const KEY = 'brain-key-0123456789';
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A brain on loopback, and the official client of OpenAI to talk with it. */
async function open(brain: Brain, options: Partial<ChatCompletionsOptions> = {}, query = '') {
  const errors: unknown[] = [];
  const handler = chatCompletions(brain, {
    apiKey: KEY,
    onError: (error) => void errors.push(error),
    ...options,
  });
  const server = await serve(handler);
  closing.push(server.close);
  const clientOf = (apiKey: string) =>
    new OpenAI({
      apiKey,
      baseURL: `${server.url}/v1`,
      maxRetries: 0,
      ...(query === '' ? {} : { defaultQuery: Object.fromEntries(new URLSearchParams(query)) }),
    });
  return { openai: clientOf(KEY), clientOf, errors, url: `${server.url}/v1/chat/completions`, handler };
}

const HELLO = { model: 'bot', messages: [{ role: 'user' as const, content: 'Hello' }] };

const post = (url: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** A platform's thinker, as far as it is used: gives these events, and notes what it was asked. */
function respondent(...events: (ThoughtEvent | Error)[]) {
  const asked: [string, Omit<ThoughtAsk, 'signal'>][] = [];
  const signals: AbortSignal[] = [];
  const respond = (text: string, { signal, ...ask }: ThoughtAsk) => {
    asked.push([text, ask]);
    if (signal !== undefined) signals.push(signal);
    return (async function* () {
      for (const event of events) {
        if (event instanceof Error) throw event;
        yield event;
      }
    })();
  };
  return { brain: { respond } as Brain, asked, signals };
}

/** A body of so many pieces. */
function pieces(count: number): ReadableStream<Uint8Array> {
  let given = 0;
  return new ReadableStream({
    pull(controller) {
      given += 1;
      controller.enqueue(new Uint8Array(1));
      if (given === count) controller.close();
    },
  });
}

const token = (text: string, messageIndex?: number): ThoughtEvent => ({ type: 'token', text, messageIndex });
const failure = (kind: PlatformError['kind'], retryAfterMs: number | null = null) =>
  new PlatformError({ platform: 'phoson', kind, message: 'the secret inside', retryAfterMs });

async function failureOf(work: () => unknown): Promise<InstanceType<typeof OpenAI.APIError>> {
  try {
    await work();
  } catch (error) {
    return error as never;
  }
  throw new Error('it did not fail');
}

async function* words(...texts: string[]): AsyncGenerator<string> {
  yield* texts;
}

describe('chatCompletions, to the official client of OpenAI', () => {
  it('streams a reply as it comes', async () => {
    const { openai } = await open(() => words('Hel', 'lo ', '世界'));
    const stream = await openai.chat.completions.create({ ...HELLO, stream: true });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: '' },
      { content: 'Hel' },
      { content: 'lo ' },
      { content: '世界' },
      {},
    ]);
    expect(chunks.map(({ choices }) => choices[0]?.finish_reason)).toEqual([null, null, null, null, 'stop']);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks[0]).toMatchObject({ object: 'chat.completion.chunk', model: 'bot' });
  });

  it('ends the stream with [DONE], and is an event stream', async () => {
    const { url } = await open(() => 'Hi');
    const response = await post(url, { ...HELLO, stream: true });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await response.text()).toMatch(
      /^data: \{.*"role":"assistant".*\n\ndata: .*\n\ndata: .*\n\ndata: \[DONE\]\n\n$/,
    );
  });

  it('lets the first word out before the second is thought', async () => {
    let go = () => {};
    const second = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { openai } = await open(async function* () {
      yield 'one';
      await second;
      yield 'two';
    } as Brain);
    const stream = await openai.chat.completions.create({ ...HELLO, stream: true });
    const heard = [];
    for await (const { choices } of stream) {
      const { content } = choices[0]?.delta ?? {};
      if (content) heard.push(content);
      if (content === 'one') go();
    }
    expect(heard).toEqual(['one', 'two']);
  });

  it.each<[string, Brain, string]>([
    ['a text', () => 'Hi', 'Hi'],
    ['a promise of one', async () => 'Hi', 'Hi'],
    ['a stream', () => words('H', 'i'), 'Hi'],
    ['what streamText gives', () => ({ textStream: words('H', 'i') }), 'Hi'],
    ['silence', () => null, ''],
    ['an empty text', async () => '', ''],
  ])('answers whole: %s', async (_, brain, content) => {
    const { openai } = await open(brain);
    const completion = await openai.chat.completions.create(HELLO);
    expect(completion).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'bot',
      choices: [{ index: 0, message: { role: 'assistant', content, refusal: null }, finish_reason: 'stop' }],
    });
    expect(completion.usage).toBeUndefined();
    const streamed = await openai.chat.completions.create({ ...HELLO, stream: true });
    let text = '';
    for await (const { choices } of streamed) text += choices[0]?.delta.content ?? '';
    expect(text).toBe(content);
  });

  it('asks a thinker of a platform: the last words, by conversation and person', async () => {
    const usage = { promptTokens: 3, completionTokens: 4, totalTokens: 7 };
    const { brain, asked } = respondent(
      { type: 'reasoning', text: 'hm' },
      token('One.', 0),
      { type: 'tool_start', tool: 't' },
      token('Two.', 1),
      { type: 'done', text: 'One.\n\nTwo. Three.', usage },
    );
    const { openai } = await open(brain, {}, 'conversation=conv_1');
    const ask = {
      model: 'bot',
      user: 'ann',
      messages: [
        { role: 'system' as const, content: 'Be kind.' },
        { role: 'user' as const, content: 'first' },
        { role: 'assistant' as const, content: 'reply' },
        { role: 'user' as const, content: [{ type: 'text' as const, text: 'second' }] },
      ],
    };
    const completion = await openai.chat.completions.create(ask);
    expect(completion.choices[0]?.message.content).toBe('One.\n\nTwo. Three.');
    expect(completion.usage).toEqual({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 });
    const streamed = await openai.chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces = [];
    for await (const chunk of streamed) pieces.push(chunk.usage ?? chunk.choices[0]?.delta.content);
    expect(pieces).toEqual([
      '',
      'One.',
      '\n\nTwo.',
      ' Three.',
      undefined,
      { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 },
    ]);
    expect(asked).toEqual([
      ['second', { conversationKey: 'conv_1', userId: 'ann' }],
      ['second', { conversationKey: 'conv_1', userId: 'ann' }],
    ]);
  });

  it('tells conversations apart: by the address, else by the user, else none', async () => {
    const { brain, asked } = respondent(token('x'), { type: 'done', text: 'x' });
    const { url } = await open(brain);
    await post(`${url}?conversation=c1`, { ...HELLO, user: 'ann' });
    await post(url, { ...HELLO, user: 'ann' });
    await post(url, HELLO);
    await post(url, HELLO);
    const keys = asked.map(([, ask]) => ask.conversationKey);
    expect(keys.slice(0, 2)).toEqual(['c1', 'ann']);
    expect(keys[2]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[3]).not.toBe(keys[2]);
    expect(asked.map(([, ask]) => ask.userId)).toEqual(['ann', 'ann', 'caller', 'caller']);
  });

  it('lets its user say whom a request speaks for', async () => {
    const { brain, asked } = respondent(token('x'), { type: 'done', text: 'x' });
    const bodies: CompletionRequest[] = [];
    const { url } = await open(brain, {
      speakerOf: (request, body) => {
        bodies.push(body);
        return { conversationKey: request.headers.get('x-call') ?? '', userId: 'ben' };
      },
    });
    await post(url, { ...HELLO, seed: 7 }, { 'x-call': 'call-1' });
    expect(asked[0]?.[1]).toEqual({ conversationKey: 'call-1', userId: 'ben' });
    expect(bodies[0]?.body).toMatchObject({ seed: 7 });
    expect((await post(url, HELLO)).status).toBe(500);
  });

  it('takes the turn_id and timestamp of the platform, and hands them on', async () => {
    const turns: BrainTurn[] = [];
    const { url } = await open((turn) => {
      turns.push(turn);
      return turn.step('once', async () => `heard ${turn.text}`);
    });
    const messages = [
      { role: 'assistant', content: 'Hello!', turn_id: 0, timestamp: 1_700_000_000_000 },
      { role: 'user', content: 'Hi', turn_id: 1, timestamp: 1_700_000_001_000 },
    ];
    const response = await post(`${url}?conversation=c`, { model: 'bot', messages, stream: false, top_k: 1 });
    expect(((await response.json()) as OpenAI.ChatCompletion).choices[0]?.message.content).toBe('heard Hi');
    expect(turns[0]).toMatchObject({ text: 'Hi', sender: 'caller', conversation: { id: 'c' }, messages });
  });
});

describe('bearers', () => {
  it.each([
    ['another key', 'Bearer brain-key-0123456780'],
    ['a shorter one', 'Bearer brain-key'],
    ['a longer one', `Bearer ${KEY}0`],
    ['none', ''],
    ['an empty one', 'Bearer '],
    ['another scheme', `Basic ${btoa(`:${KEY}`)}`],
    ['the key alone', KEY],
  ])('%s does not get in, and the thinker is not asked', async (_, authorization) => {
    const { brain, asked } = respondent();
    const { url } = await open(brain);
    const response = await post(url, HELLO, { authorization });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.json()).toEqual({
      error: {
        message: 'Incorrect API key provided.',
        type: 'invalid_request_error',
        param: null,
        code: 'invalid_api_key',
      },
    });
    expect(asked).toEqual([]);
  });

  it('the official client knows the refusal', async () => {
    const { clientOf } = await open(() => 'x');
    const error = await failureOf(() => clientOf('wrong').chat.completions.create(HELLO));
    expect(error).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(error.code).toBe('invalid_api_key');
  });

  it('several keys get in while one is being changed', async () => {
    const { url } = await open(() => 'x', { apiKey: ['old-key', 'new-key'] });
    for (const key of ['old-key', 'new-key']) {
      expect((await post(url, HELLO, { authorization: `Bearer ${key}` })).status).toBe(200);
    }
    expect((await post(url, HELLO)).status).toBe(401);
  });
});

describe('bad requests', () => {
  it.each<[string, unknown, string | null]>([
    ['no JSON', '{"model":', null],
    ['no object', '[]', null],
    ['no messages', { model: 'bot' }, 'messages'],
    ['empty messages', { model: 'bot', messages: [] }, 'messages'],
    ['messages that are none', { model: 'bot', messages: [null] }, 'messages[0].role'],
    [
      'a content that is none',
      { model: 'bot', messages: [{ role: 'user', content: 7 }] },
      'messages[0].content',
    ],
    ['nothing said by the user', { model: 'bot', messages: [{ role: 'system', content: 'x' }] }, 'messages'],
    ['an empty text', { model: 'bot', messages: [{ role: 'user', content: ' ' }] }, 'messages'],
    ['a model that is none', { model: 7, messages: HELLO.messages }, 'model'],
    ['stream that is none', { ...HELLO, stream: 'yes' }, 'stream'],
  ])('%s is refused in the form of OpenAI', async (_, body, param) => {
    const { brain, asked } = respondent();
    const { url, errors } = await open(brain);
    const response = await post(url, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      error: { message: expect.any(String), type: 'invalid_request_error', param, code: null },
    });
    expect(asked).toEqual([]);
    expect(errors).toEqual([]);
  });

  it('another method, and a body without end', async () => {
    const { url, handler } = await open(() => 'x');
    const get = await fetch(url, { headers: { authorization: `Bearer ${KEY}` } });
    expect(get.status).toBe(405);
    expect(get.headers.get('allow')).toBe('POST');
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(1024 * 1024).fill(32));
      },
    });
    const headers = { authorization: `Bearer ${KEY}` };
    const endless = new Request('http://bot.example/', {
      method: 'POST',
      headers,
      body,
      duplex: 'half',
    } as never);
    expect((await handler(endless)).status).toBe(413);
    expect(sent).toBeLessThan(10);
    const bytes = new Request('http://bot.example/', {
      method: 'POST',
      headers,
      body: new Uint8Array([255]),
    });
    expect((await handler(bytes)).status).toBe(400);
  });

  it.each([
    ['brain', undefined, { apiKey: KEY }],
    ['apiKey', () => 'x', {}],
    ['apiKey', () => 'x', { apiKey: '' }],
    ['apiKey', () => 'x', { apiKey: [] }],
    ['apiKey', () => 'x', { apiKey: [KEY, ''] }],
    ['apikey', () => 'x', { apikey: KEY }],
    ['onError', () => 'x', { apiKey: KEY, onError: 1 }],
  ])('a bad "%s" is told when the endpoint is made', (field, brain, options) => {
    expect(() => chatCompletions(brain as never, options as never)).toThrow(
      expect.objectContaining({ name: 'ValidationError', field }),
    );
  });
});

describe('nodeCompletions', () => {
  it('refuses a body of 10 MB, and answers the next request on the same connection', async () => {
    const { url } = await open(() => 'still here');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (body: string) =>
      new Promise<{ status: number | undefined; port: number | undefined }>((resolve, reject) => {
        const headers = { authorization: `Bearer ${KEY}` };
        const sending = request(url, { method: 'POST', agent, headers }, (response) => {
          const port = sending.socket?.localPort;
          response.resume().on('end', () => resolve({ status: response.statusCode, port }));
        });
        sending.on('error', reject).end(body);
      });
    const tooLarge = await send('x'.repeat(10 * 1024 * 1024));
    expect(tooLarge.status).toBe(413);
    expect(await send(JSON.stringify(HELLO))).toEqual({ status: 200, port: tooLarge.port });
    agent.destroy();
  });

  it('listens once at a time while a client reads slowly', async () => {
    const added = vi.spyOn(EventTarget.prototype, 'addEventListener');
    const removed = vi.spyOn(EventTarget.prototype, 'removeEventListener');
    const handler = nodeCompletions(async () => new Response(pieces(20)));
    const incoming = { headers: {}, async *[Symbol.asyncIterator]() {} };
    let written = 0;
    await handler(incoming, {
      writeHead() {},
      write() {
        written += 1;
        return false;
      },
      end() {},
      on() {},
      once: (_, listener) => void setImmediate(listener),
    });
    const left = added.mock.calls.length - removed.mock.calls.length;
    vi.restoreAllMocks();
    expect(written).toBe(20);
    expect(left).toBeLessThan(5);
  });

  it.each([
    ['a method that the web does not have', 'TRACE / HTTP/1.1'],
    ['a path that is no URL', 'POST // HTTP/1.1'],
  ])('answers %s with 400, and goes on', async (_, line) => {
    const { url, openai } = await open(() => 'still here');
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end(`${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
    let said = '';
    for await (const piece of socket) said += String(piece);
    expect(said).toMatch(/^HTTP\/1.1 400 /);
    const completion = await openai.chat.completions.create(HELLO);
    expect(completion.choices[0]?.message.content).toBe('still here');
  });
});

describe('a thinker that fails', () => {
  it.each([
    [failure('rate_limit', 1_500), 429, '2'],
    [failure('unavailable'), 503, null],
    [failure('timeout'), 504, null],
    [failure('auth'), 502, null],
    [new Error('the secret inside'), 500, null],
  ])('before its first word: %s gives a status', async (error, status, retryAfter) => {
    const { brain } = respondent(error instanceof PlatformError ? { type: 'error', error } : error);
    const { openai, errors, url } = await open(brain);
    for (const stream of [true, false]) {
      const failed = await failureOf(() => openai.chat.completions.create({ ...HELLO, stream }));
      expect(failed).toBeInstanceOf(OpenAI.APIError);
      expect(failed.status).toBe(status);
      expect(failed.message).toContain('The thinker failed.');
      expect(failed.message).not.toContain('secret');
      const response = await post(url, { ...HELLO, stream });
      expect(response.headers.get('retry-after')).toBe(retryAfter);
    }
    expect(errors).toEqual([error, error, error, error]);
  });

  it('after its first word: a frame in the form of OpenAI, which its client throws', async () => {
    const { brain } = respondent(token('One'), { type: 'error', error: failure('interrupted') });
    const { openai, errors } = await open(brain);
    const heard: (string | null | undefined)[] = [];
    const failed = await failureOf(async () => {
      const stream = await openai.chat.completions.create({ ...HELLO, stream: true });
      for await (const { choices } of stream) heard.push(choices[0]?.delta.content);
    });
    expect(heard).toEqual(['', 'One']);
    expect(failed).toBeInstanceOf(OpenAI.APIError);
    expect(failed.message).toContain('The thinker failed.');
    expect(errors).toHaveLength(1);
  });

  it('by giving something else than texts', async () => {
    const { openai, errors } = await open((() => ({ text: 'x' })) as never);
    expect((await failureOf(() => openai.chat.completions.create(HELLO))).status).toBe(500);
    const { openai: other } = await open(async function* () {
      yield 7;
    } as never);
    expect((await failureOf(() => other.chat.completions.create(HELLO))).status).toBe(500);
    expect(errors).toHaveLength(1);
  });

  it('a listener that throws disturbs nobody', async () => {
    const { openai } = await open(
      () => {
        throw new Error('no');
      },
      {
        onError: () => {
          throw new Error('nor this');
        },
      },
    );
    expect((await failureOf(() => openai.chat.completions.create(HELLO))).status).toBe(500);
  });
});

describe('one conversation', () => {
  it.each([true, false])('goes on after a reply that was read to its end (stream: %s)', async (stream) => {
    const source: ThoughtSource = {
      platform: 'phoson',
      capabilities: {} as never,
      async *think(text) {
        yield { type: 'token', text: `${text}!` };
        yield { type: 'done', text: `${text}!` };
      },
    };
    const { url } = await open(respondentOf(source), {}, '');
    const ask = async () => {
      const signal = AbortSignal.timeout(5_000);
      const response = await fetch(`${url}?conversation=c1`, {
        method: 'POST',
        headers: { authorization: `Bearer ${KEY}` },
        body: JSON.stringify({ ...HELLO, stream }),
        signal,
      });
      return response.text();
    };
    expect(await ask()).toContain('Hello!');
    expect(await ask()).toContain('Hello!');
  });
});

describe('a client that leaves', () => {
  const hanging = () => {
    let turn: BrainTurn | undefined;
    let isOver = false;
    const brain: Brain = async function* (it: BrainTurn) {
      turn = it;
      try {
        if (it.text !== 'at once') yield 'one';
        await new Promise((_, reject) => {
          it.signal.addEventListener('abort', () => reject(it.signal.reason));
        });
      } finally {
        isOver = true;
      }
    } as Brain;
    return { brain, signal: () => turn?.signal, isOver: () => isOver };
  };

  it('in the middle of a stream ends the thinking, and nobody is told of a failure', async () => {
    const { brain, signal, isOver } = hanging();
    const { openai, errors } = await open(brain);
    const stream = await openai.chat.completions.create({ ...HELLO, stream: true });
    for await (const { choices } of stream) if (choices[0]?.delta.content === 'one') break;
    await expect.poll(isOver).toBe(true);
    expect(signal()?.aborted).toBe(true);
    expect(errors).toEqual([]);
  });

  it('that reads slowly holds the thinker back, and leaving ends one that does not listen to its signal', async () => {
    let thought = 0;
    let isOver = false;
    let signal: AbortSignal | undefined;
    const brain = async function* (turn: BrainTurn) {
      ({ signal } = turn);
      try {
        for (;;) {
          thought += 1;
          yield 'x';
        }
      } finally {
        isOver = true;
      }
    } as Brain;
    const { handler } = await open(brain);
    const headers = { authorization: `Bearer ${KEY}` };
    const body = JSON.stringify({ ...HELLO, stream: true });
    const response = await handler(new Request('http://bot.example/', { method: 'POST', headers, body }));
    const reader = response.body?.getReader();
    await reader?.read();
    for (let turns = 0; turns < 100; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(thought).toBeLessThan(5);
    expect(signal?.aborted).toBe(false);
    await reader?.cancel();
    expect(signal?.aborted).toBe(true);
    await expect.poll(() => isOver).toBe(true);
  });

  it.each([true, false])('before the first word ends the thinking (stream: %s)', async (stream) => {
    const { brain, signal, isOver } = hanging();
    const { openai, errors } = await open(brain);
    const controller = new AbortController();
    const messages = [{ role: 'user' as const, content: 'at once' }];
    const failed = failureOf(() =>
      openai.chat.completions.create({ model: 'bot', messages, stream }, { signal: controller.signal }),
    );
    await expect.poll(() => signal()).toBeDefined();
    controller.abort();
    expect(await failed).toBeInstanceOf(OpenAI.APIUserAbortError);
    await expect.poll(isOver).toBe(true);
    expect(errors).toEqual([]);
  });
});
