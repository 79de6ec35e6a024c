import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Sonzai } from '../../../src/platforms/sonzai/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
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
    await expect.poll(() => platform.heard.length).toBe(asked + 1);
    abort.abort('the person left');
    expect(onAbort.mock.calls).toEqual([['the person left']]);
    finish();
    expect((await reply).content).toBe('Hi');
    expect(onAbort).toHaveBeenCalledOnce();
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

  it('drains a stream before it gives it, from the moment of the call', async () => {
    const finish = held();
    const asked = platform.heard.length;
    const events = client().agents.chatStreamDetached('luna', FIELDS);
    await expect.poll(() => platform.heard.length).toBe(asked + 1);
    const first = events[Symbol.asyncIterator]().next();
    expect(await Promise.race([first, new Promise((resolve) => setTimeout(resolve, 20, 'waits'))])).toBe(
      'waits',
    );
    finish();
    expect(await first).toMatchObject({ value: { kind: 'delta', content: 'Hi' } });
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
    await expect.poll(() => platform.heard.length).toBe(asked + 1);
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
    await expect.poll(() => platform.heard.length).toBe(asked + 1);
    await clock.advance(3_600_000);
    finish();
    expect((await reply).content).toBe('Hi');
  });

  it('refuses a cap that is no number', async () => {
    const asked = client().agents.chatDetached('luna', FIELDS, { hardCapMs: Number.NaN });
    await expect(asked).rejects.toMatchObject({ field: 'hardCapMs' });
  });
});
