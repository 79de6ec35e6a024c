import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Sonzai } from '../../../src/platforms/sonzai/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { eventually } from './eventually.js';
import { DONE, Recorder, say } from './recorder.js';

const FIELDS = { messages: [{ role: 'user' as const, content: 'Hi' }] };

describe('a detached chat', () => {
  let platform: Recorder;
  beforeAll(async () => {
    platform = await Recorder.start();
  });
  afterAll(() => platform.close());

  const client = (more = {}) => new Sonzai({ apiKey: 'sk-1', baseUrl: platform.url, ...more });

  /** Answers when told. */
  function held(): () => void {
    let finish = () => {};
    platform.script({
      handle: (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify(say('Hi'))}\n\n`);
        finish = () => response.end(DONE);
      },
    });
    return () => finish();
  }

  it('goes on when its caller has gone, and says so once', async () => {
    const finish = held();
    const abort = new AbortController();
    const onAbort = vi.fn();
    const reply = client().agents.chatDetached('luna', FIELDS, { signal: abort.signal, onAbort });
    const asked = platform.heard.length;
    await eventually(() => platform.heard.length).toBe(asked + 1);
    abort.abort('the person left');
    expect(onAbort.mock.calls).toEqual([['the person left']]);
    finish();
    expect((await reply).content).toBe('Hi');
    expect(onAbort).toHaveBeenCalledOnce();
  });

  it('says nothing of a caller who goes when it is over', async () => {
    platform.script({ frames: [say('Hi'), DONE] });
    const abort = new AbortController();
    const onAbort = vi.fn();
    await client().agents.chatDetached('luna', FIELDS, { signal: abort.signal, onAbort });
    abort.abort();
    expect(onAbort).not.toHaveBeenCalled();
  });

  it('runs also for a caller who had gone before, and says so on the console without a listener', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    platform.script({ frames: [say('Hi'), DONE] });
    const onAbort = () => {
      throw new Error('a listener that fails');
    };
    const { agents } = client();
    expect(
      (await agents.chatDetached('luna', FIELDS, { signal: AbortSignal.abort(), onAbort })).content,
    ).toBe('Hi');
    expect(error).not.toHaveBeenCalled();
    await agents.chatDetached('luna', FIELDS, { signal: AbortSignal.abort() });
    expect(error.mock.calls).toEqual([
      [expect.stringMatching(/^agentchat-client: agents.chatDetached was called off/)],
    ]);
    error.mockRestore();
  });

  it('listens once to a signal that many chats share', async () => {
    const finishes: (() => void)[] = [];
    platform.answer = () => ({
      handle: (response) => {
        finishes.push(() => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(DONE));
      },
    });
    const { signal } = new AbortController();
    const { agents } = client();
    const replies = Array.from({ length: 12 }, () => agents.chatDetached('luna', FIELDS, { signal }));
    await eventually(() => finishes.length).toBe(12);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const finish of finishes) finish();
    await Promise.all(replies);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('drains a stream before it gives it, from the moment of the call', async () => {
    const finish = held();
    const asked = platform.heard.length;
    const events = client().agents.chatStreamDetached('luna', FIELDS);
    await eventually(() => platform.heard.length).toBe(asked + 1);
    platform.script({ json: { mood: {} } });
    const order: string[] = [];
    const first = events[Symbol.asyncIterator]().next();
    void first.then(() => order.push('the first event'));
    // Another call there and back: the first frame has had its time.
    await expect(client().agents.getMood('luna')).resolves.toBeDefined();
    order.push('the end of the stream');
    finish();
    expect(await first).toMatchObject({ value: { kind: 'delta', content: 'Hi' } });
    expect(order).toEqual(['the end of the stream', 'the first event']);
  });

  it('gives the failure of a stream to who begins the loop', async () => {
    platform.script({ status: 404, json: { error: 'no such agent' } });
    const events = client().agents.chatStreamDetached('luna', FIELDS);
    await expect(events[Symbol.asyncIterator]().next()).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    [undefined, 300_000],
    [1_000, 1_000],
  ])('ends after its hard cap: %s', async (hardCapMs, capMs) => {
    const clock = new VirtualClock();
    held();
    const asked = platform.heard.length;
    const reply = client({ clock, timeoutMs: 0 }).agents.chatDetached('luna', FIELDS, { hardCapMs });
    reply.catch(() => {});
    await eventually(() => platform.heard.length).toBe(asked + 1);
    let isOver = false;
    reply.catch(() => {
      isOver = true;
    });
    await clock.advance(capMs - 1);
    expect(isOver).toBe(false);
    await clock.advance(1);
    await expect(reply).rejects.toMatchObject({
      kind: 'timeout',
      message: expect.stringContaining('hardCapMs'),
    });
  });

  it.each([0, -1, Number.POSITIVE_INFINITY])('has no cap with %s', async (hardCapMs) => {
    const clock = new VirtualClock();
    const finish = held();
    const asked = platform.heard.length;
    const reply = client({ clock, timeoutMs: 0 }).agents.chatDetached('luna', FIELDS, { hardCapMs });
    await eventually(() => platform.heard.length).toBe(asked + 1);
    await clock.advance(3_600_000);
    finish();
    expect((await reply).content).toBe('Hi');
  });

  it.each<[string, object]>([
    ['hardCapMs', { hardCapMs: Number.NaN }],
    ['onAbort', { onAbort: 'log' }],
    ['signal', { signal: {} }],
    ['cap', { cap: 5 }],
  ])('refuses %s that cannot be', async (field, options) => {
    const asked = platform.heard.length;
    await expect(client().agents.chatDetached('luna', FIELDS, options)).rejects.toMatchObject({ field });
    expect(platform.heard.length).toBe(asked);
  });
});
