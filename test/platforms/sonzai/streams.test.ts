import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AbortedError } from '../../../src/errors/index.js';
import {
  type ChatEvent,
  ConflictError,
  Sonzai,
  SonzaiError,
  StreamError,
} from '../../../src/platforms/sonzai/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { eventually } from './eventually.js';
import { type Answer, DONE, Recorder, say } from './recorder.js';

const MESSAGES = [{ role: 'user' as const, content: 'Hi' }];
const COMPLETE = { choices: [{ delta: {}, finish_reason: 'stop' }] };

describe('a chat of Sonzai', () => {
  let platform: Recorder;
  let sonzai: Sonzai;
  beforeAll(async () => {
    platform = await Recorder.start();
  });
  beforeEach(() => {
    sonzai = new Sonzai({ apiKey: 'sk-secret', baseUrl: platform.url });
  });
  afterAll(() => platform.close());

  const streamed = (answer: Answer, options = {}) => {
    platform.script(answer);
    return sonzai.agents.chat('luna', { messages: MESSAGES, stream: true }, options);
  };
  const plain = (answer: Answer, options = {}) => {
    platform.script(answer);
    return sonzai.agents.chat('luna', { messages: MESSAGES }, options);
  };
  async function read(stream: AsyncIterable<ChatEvent>): Promise<ChatEvent[]> {
    const events: ChatEvent[] = [];
    for await (const event of stream) events.push(event);
    return events;
  }

  it('asks for a stream, and does not say so in the body', async () => {
    await read(streamed({ frames: [COMPLETE, DONE] }));
    const { headers, body } = platform.heard.at(-1) ?? {};
    expect(headers?.accept).toContain('text/event-stream');
    expect(body).toEqual({ messages: MESSAGES });
  });

  it('gives each frame with what it is, and the reply at the end', async () => {
    const frames = [
      { type: 'context_ready', build_duration_ms: 12 },
      { type: 'phase', phase: 'tool_call', tool: 'web_search' },
      say('Hel', { session_id: 'of the frame' }),
      ': a comment of a proxy\n\n',
      say('lo'),
      { type: 'message_boundary', message_index: 1, is_follow_up: true },
      say('Bye'),
      { type: 'newer', choices: [{ delta: { content: 'not for you' } }] },
      {
        ...COMPLETE,
        external_tool_calls: [{ id: 'c1', name: 'pay', parameters: { a: 1 } }],
        continuation_token: 't',
      },
      { type: 'side_effects', data: { mood: 1 } },
      { usage: { promptTokens: 3, completionTokens: 2, totalTokens: 5 } },
      DONE,
    ];
    const stream = streamed({ frames, headers: { 'X-Session-ID': 's1' } });
    expect(stream.sessionId).toBeNull();
    const kinds = (await read(stream)).map(({ kind }) => kind);
    expect(kinds).toEqual(
      'context_ready phase delta delta message_boundary delta other complete side_effects other'.split(' '),
    );
    expect(stream.sessionId).toBe('s1');
    expect(stream.reply).toEqual({
      content: 'Hello\n\nBye',
      messages: ['Hello', 'Bye'],
      session_id: 's1',
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
      external_tool_calls: [{ id: 'c1', name: 'pay', parameters: { a: 1 } }],
      completion: expect.objectContaining({ kind: 'complete', continuation_token: 't' }),
    });
  });

  it('joins frames that come in pieces, and skips what cannot be read', async () => {
    const whole = JSON.stringify(say('Hällo'));
    const cut = [whole.slice(0, 9), whole.slice(9, 30), whole.slice(30)];
    const pieces = cut.map((data, index) => ({ __chunk: { index, total: 3 }, data }));
    const frames = [
      'data: {"choices": [\n\n',
      'data: 7\n\n',
      ...pieces.reverse(),
      'data: []\n\n',
      COMPLETE,
      DONE,
    ];
    expect((await plain({ frames })).content).toBe('Hällo');
  });

  it('is complete with the completion, without the mark at the end, and with the mark alone', async () => {
    expect((await plain({ frames: [say('Hi'), COMPLETE] })).content).toBe('Hi');
    expect((await plain({ frames: [say('Hi'), DONE] })).content).toBe('Hi');
    // The last frame has no blank line.
    expect((await plain({ frames: [say('Hi'), `data: ${JSON.stringify(COMPLETE)}`] })).content).toBe('Hi');
  });

  it.each<[string, Answer]>([
    ['a body that ends', { frames: [say('Hi')] }],
    ['a connection that breaks', { frames: [say('Hi')], ending: 'break' }],
    ['a frame that is cut', { frames: [say('Hi'), 'data: {"choices":[{"delta":{},"finish_re'] }],
    ['an empty body', { frames: [] }],
  ])('is interrupted by %s', async (_, answer) => {
    await expect(plain(answer)).rejects.toMatchObject({
      kind: 'interrupted',
      retryable: true,
      outcome: 'unknown',
    });
  });

  it('throws what a frame says, after what came before it', async () => {
    const error = { message: 'no credit for sk-secret', code: 'quota', is_token_error: true };
    const stream = streamed({ frames: [say('Hi'), { error }, say('!'), DONE] });
    const events: ChatEvent[] = [];
    const reading = (async () => {
      for await (const event of stream) events.push(event);
    })();
    await expect(reading).rejects.toMatchObject({
      message: expect.stringContaining('no credit for'),
      errorCode: 'quota',
      isTokenError: true,
      kind: 'server',
    });
    await expect(reading).rejects.toBeInstanceOf(StreamError);
    await expect(reading).rejects.toBeInstanceOf(SonzaiError);
    await expect(reading).rejects.not.toBeInstanceOf(ConflictError);
    expect(events).toHaveLength(1);
    expect(stream.reply.content).toBe('Hi');
  });

  it('closes the connection when the loop is left', async () => {
    const closed = platform.closedEarly;
    for await (const event of streamed({ frames: [say('Hi')], ending: 'hang' })) {
      expect(event.kind).toBe('delta');
      break;
    }
    await eventually(() => platform.closedEarly).toBe(closed + 1);
  });

  it('asks nothing before the loop begins, and nothing in a second loop', async () => {
    const asked = platform.heard.length;
    const stream = streamed({ frames: [COMPLETE, DONE] });
    expect(platform.heard.length).toBe(asked);
    expect(await read(stream)).toHaveLength(1);
    expect(await read(stream)).toEqual([]);
    expect(platform.heard.length).toBe(asked + 1);
  });

  it.each(['before the head', 'between two frames'])(
    'ends at once when its signal fires %s',
    async (when) => {
      const closed = platform.closedEarly;
      const abort = new AbortController();
      const answer: Answer =
        when === 'before the head' ? { handle: () => {} } : { frames: [say('Hi')], ending: 'hang' };
      const asked = platform.heard.length;
      const reply = plain(answer, { signal: abort.signal });
      await eventually(() => platform.heard.length).toBe(asked + 1);
      abort.abort(new Error('enough'));
      await expect(reply).rejects.toBeInstanceOf(AbortedError);
      await eventually(() => platform.closedEarly).toBe(closed + 1);
    },
  );

  it('ends when nothing comes for timeoutMs, and not sooner', async () => {
    const clock = new VirtualClock();
    const patient = new Sonzai({ apiKey: 'sk-1', baseUrl: platform.url, clock, timeoutMs: 30_000 });
    let push = (): void => {};
    platform.script({
      handle: (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        push = () => void response.write(`data: ${JSON.stringify(say('.'))}\n\n`);
      },
    });
    const asked = platform.heard.length;
    const events = patient.agents.chat('luna', { messages: MESSAGES, stream: true });
    // 60 seconds in all: the limit is that of each pause.
    for (let round = 0; round < 3; round += 1) {
      const next = events.next();
      await eventually(() => platform.heard.length).toBe(asked + 1);
      await clock.advance(20_000);
      push();
      expect(await next).toMatchObject({ value: { kind: 'delta', content: '.' } });
    }
    const last = events.next();
    last.catch(() => {});
    await clock.advance(29_999);
    await clock.advance(1);
    await expect(last).rejects.toMatchObject({ kind: 'timeout' });
    expect(events.reply.content).toBe('...');
  });

  it('is never repeated, not even with a key', async () => {
    const asked = platform.heard.length;
    const refusal = plain({ status: 503, json: { error: 'busy' } }, { idempotencyKey: 'k1' });
    await expect(refusal).rejects.toMatchObject({ kind: 'unavailable', status: 503 });
    expect(platform.heard.length).toBe(asked + 1);
  });

  it('ends with the client', async () => {
    const reply = plain({ frames: [say('Hi')], ending: 'hang' });
    const asked = platform.heard.length;
    await eventually(() => platform.heard.length).toBeGreaterThanOrEqual(asked);
    sonzai.close();
    await expect(reply).rejects.toBeInstanceOf(AbortedError);
    await expect(plain({ frames: [DONE] })).rejects.toThrow(/closed/);
  });
});
