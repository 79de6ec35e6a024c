import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Sonzai, StreamError } from '../../../src/platforms/sonzai/index.js';
import { VirtualClock } from '../../support/virtual-clock.js';
import { shown } from '../support/shown.js';
import { type Scripted, ScriptedFetch } from './scripted-fetch.js';

const FIELDS = { messages: [{ role: 'user' as const, content: 'Hi' }] };
const QUEUED = { status: 202, json: { processing_id: 'p1', status: 'queued' } };

function client(...answers: Scripted[]) {
  const clock = new VirtualClock();
  const script = new ScriptedFetch(clock, ...answers);
  const sonzai = new Sonzai({ apiKey: 'sk-1', baseUrl: 'http://sonzai.test', fetch: script.fetch, clock });
  return { clock, script, sonzai };
}

describe('chatAsyncBlocking', () => {
  it('asks after 1, 2, 4, and then every 5 seconds', async () => {
    const running = { json: { status: 'running', response: 'Hel' } };
    const { clock, script, sonzai } = client(QUEUED, ...Array(6).fill(running), {
      json: { status: 'complete', response: 'Hello' },
    });
    const result = sonzai.agents.chatAsyncBlocking('luna', FIELDS);
    await clock.advance(30_000);
    expect(script.times).toEqual([0, 0, 1_000, 3_000, 7_000, 12_000, 17_000, 22_000]);
    expect(await result).toEqual({ status: 'complete', response: 'Hello' });
  });

  it('gives the last state after ten minutes', async () => {
    const { clock, script, sonzai } = client(QUEUED, { json: { status: 'running', response: 'Hel' } });
    const result = sonzai.agents.chatAsyncBlocking('luna', FIELDS);
    let isOver = false;
    result.then(() => {
      isOver = true;
    });
    await clock.advance(599_000);
    expect(isOver).toBe(false);
    await clock.advance(2_000);
    expect(await result).toEqual({ status: 'running', response: 'Hel' });
    const asked = script.asked.length;
    await clock.advance(60_000);
    expect(script.asked.length).toBe(asked);
  });

  it('throws what a chat failed with', async () => {
    const { sonzai } = client(QUEUED, {
      json: { status: 'failed', error: { message: 'no credit', code: 'quota' } },
    });
    const result = sonzai.agents.chatAsyncBlocking('luna', FIELDS);
    await expect(result).rejects.toBeInstanceOf(StreamError);
    await expect(result).rejects.toMatchObject({
      errorCode: 'quota',
      message: expect.stringContaining('no credit'),
    });
  });

  it('does not show a key that the failure of a chat quotes', async () => {
    const apiKey = 'sk-0123456789';
    const { clock, script } = client(QUEUED, {
      json: { status: 'failed', error: { message: `not with ${apiKey}` } },
    });
    const sonzai = new Sonzai({ apiKey, baseUrl: 'http://sonzai.test', fetch: script.fetch, clock });
    const error = await sonzai.agents.chatAsyncBlocking('luna', FIELDS).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StreamError);
    expect(shown(error)).toContain('not with ***');
    expect(shown(error)).not.toContain(apiKey);
  });

  it('listens to a signal that many chats share as often as for one', async () => {
    const { clock, sonzai } = client(
      ...Array(12).fill(QUEUED),
      ...Array(12).fill({ json: { status: 'running' } }),
      { json: { status: 'complete' } },
    );
    const { signal } = new AbortController();
    const results = Array.from({ length: 12 }, () =>
      sonzai.agents.chatAsyncBlocking('luna', FIELDS, { signal }),
    );
    await clock.advance(500);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await clock.advance(1_000);
    await Promise.all(results);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('stops asking when its signal fires', async () => {
    const { clock, script, sonzai } = client(QUEUED, { json: { status: 'running' } });
    const abort = new AbortController();
    const result = sonzai.agents.chatAsyncBlocking('luna', FIELDS, { signal: abort.signal });
    result.catch(() => {});
    await clock.advance(1_500);
    abort.abort();
    await expect(result).rejects.toMatchObject({ name: 'AbortError' });
    const asked = script.asked.length;
    await clock.advance(60_000);
    expect(script.asked.length).toBe(asked);
  });
});

describe('the end of a session with wait', () => {
  const END = { user_id: 'u', session_id: 's', wait: true };

  it('asks after half a second, half as much more each time, five seconds at most', async () => {
    const { clock, script, sonzai } = client(
      { json: { success: true, processing_id: 'p1' } },
      ...Array(9).fill({ json: { state: 'running' } }),
      { json: { state: 'failed', error: 'x' } },
    );
    const ended = sonzai.agents.sessions.end('luna', END);
    await clock.advance(40_000);
    const pauses = script.times.slice(2).map((time, at) => time - (script.times[at + 1] ?? 0));
    expect(pauses).toEqual([500, 750, 1_125, 1_687, 2_531, 3_797, 5_000, 5_000, 5_000]);
    expect(await ended).toEqual({ state: 'failed', error: 'x' });
  });

  it('is over also when only the time of the end says so', async () => {
    const { sonzai } = client(
      { json: { processing_id: 'p1' } },
      { json: { state: 'newer', finished_at: '2026' } },
    );
    expect(await sonzai.agents.sessions.end('luna', END)).toMatchObject({ state: 'newer' });
  });

  it('gives the answer when there is nothing to wait for', async () => {
    const { script, sonzai } = client({ json: { success: true, async: false } });
    expect(await sonzai.agents.sessions.end('luna', END)).toEqual({ success: true, async: false });
    expect(script.asked).toHaveLength(1);
  });
});

describe('the events of a run', () => {
  const frames = (...texts: string[]) => texts.map((text) => `data: ${text}\n\n`).join('');
  const EVENT = '{"type":"turn"}';

  /** Streams that end as their text does, one after the other. */
  function streams(...texts: (string | Scripted)[]) {
    const clock = new VirtualClock();
    const asked: string[] = [];
    const answer: typeof fetch = async (input) => {
      asked.push(new URL(String(input)).search);
      const next = texts.length > 1 ? texts.shift() : texts[0];
      if (typeof next === 'string')
        return new Response(next, { headers: { 'content-type': 'text/event-stream' } });
      return new Response(JSON.stringify(next?.json ?? {}), { status: next?.status ?? 200 });
    };
    const sonzai = new Sonzai({ apiKey: 'sk-1', baseUrl: 'http://sonzai.test', fetch: answer, clock });
    return { asked, clock, sonzai };
  }

  async function read(events: AsyncIterable<unknown>) {
    const found: unknown[] = [];
    try {
      for await (const event of events) found.push(event);
      return { found };
    } catch (error) {
      return { found, error };
    }
  }

  it('go on where they broke off, each once', async () => {
    const { asked, clock, sonzai } = streams(
      frames(EVENT, EVENT),
      frames('not json', EVENT),
      frames(),
      frames(EVENT, '[DONE]'),
    );
    const reading = read(sonzai.evalRuns.streamEvents('r1', { from_index: 3 }));
    await clock.advance(60_000);
    expect((await reading).found).toHaveLength(4);
    // What cannot be read is an event of the platform's all the same.
    expect(asked).toEqual(['?from=3', '?from=5', '?from=7', '?from=7']);
  });

  it('give up after maxRetries breaks in a row', async () => {
    const { asked, clock, sonzai } = streams(frames(EVENT), frames());
    const reading = read(sonzai.evalRuns.streamEvents('r1', {}, { maxRetries: 3 }));
    await clock.advance(60_000);
    expect(await reading).toMatchObject({ found: [{ type: 'turn' }], error: { kind: 'interrupted' } });
    expect(asked).toHaveLength(4);
  });

  it('are not asked for again where that is refused', async () => {
    const { asked, clock, sonzai } = streams(frames(EVENT), { status: 404 });
    const reading = read(sonzai.evalRuns.streamEvents('r1'));
    await clock.advance(60_000);
    expect(await reading).toMatchObject({ error: { status: 404 } });
    expect(asked).toHaveLength(2);
  });

  it('hand on the failure of a run as an event, and throw one that is no event', async () => {
    const { sonzai } = streams(
      frames('{"type":"error","error":{"message":"m"}}', '{"error":"gone"}', '[DONE]'),
    );
    const { found, error } = await read(sonzai.evalRuns.streamEvents('r1'));
    expect(found).toEqual([{ type: 'error', error: { message: 'm' } }]);
    expect(error).toBeInstanceOf(StreamError);
  });

  it('end with an AbortedError when their signal fires, and leave no listener on it', async () => {
    const { clock, sonzai } = streams(frames(EVENT));
    const abort = new AbortController();
    const listened: number[] = [];
    const events = sonzai.evalRuns.streamEvents('r1', {}, { maxRetries: 100, signal: abort.signal });
    const reading = read(events);
    await clock.advance(100);
    listened.push(getEventListeners(abort.signal, 'abort').length);
    abort.abort();
    expect(await reading).toMatchObject({ found: [{ type: 'turn' }], error: { name: 'AbortError' } });
    listened.push(getEventListeners(abort.signal, 'abort').length);
    expect(listened).toEqual([1, 0]);
  });

  it('end without an error when they are closed, also in a pause', async () => {
    const { clock, sonzai } = streams(frames(EVENT));
    const events = sonzai.evalRuns.streamEvents('r1', {}, { maxRetries: 100 });
    const reading = read(events);
    await clock.advance(100);
    events.close();
    expect(await reading).toEqual({ found: [{ type: 'turn' }] });
    expect(events.seen).toBe(1);
  });
});
