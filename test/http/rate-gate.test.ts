import { afterEach, describe, expect, it, vi } from 'vitest';
import { AgentChatClientError, RateLimitedError } from '../../src/errors/index.js';
import type { HttpRequestOptions } from '../../src/http/prepare.js';
import type { HttpTransportOptions } from '../../src/http/transport-options.js';
import { AgentChatClient } from '../../src/rest/index.js';
import { VirtualClock } from '../support/virtual-clock.js';

interface Sent {
  readonly path: string;
  readonly at: number;
  readonly to: string | undefined;
}

type Answer = number | { status: number; code?: string; hint?: string; type?: string } | 'never';

/** A service in virtual time that answers after 20 ms as `answer` says, and what it has been asked. */
function setUp(answer: (sent: Sent, nth: number) => Answer, options: HttpTransportOptions = {}) {
  const clock = new VirtualClock();
  const sent: Sent[] = [];
  const fetch = ((url: string, init: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      const to = typeof init.body === 'string' ? (JSON.parse(init.body) as { to?: string }).to : undefined;
      const one = { path: new URL(url).pathname, at: clock.now(), to };
      sent.push(one);
      init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      const given = answer(one, sent.length);
      if (given === 'never') return;
      const {
        status,
        code = 'RATE_LIMITED',
        hint,
        type,
      } = typeof given === 'number' ? { status: given } : given;
      const body =
        type === undefined ? JSON.stringify({ id: 'msg_1', code, message: 'no' }) : '<html>no</html>';
      const headers = {
        'content-type': type ?? 'application/json',
        ...(hint === undefined ? {} : { 'retry-after': hint }),
      };
      clock.setTimer(() => resolve(new Response(body, { status, headers })), 20);
    })) as typeof globalThis.fetch;
  const apiKey = 'ac_live_test_key';
  const client = new AgentChatClient({ apiKey, fetch, clock, ...options });
  const { transport } = client;
  const ask = (path = '/v1/thing', more: HttpRequestOptions = {}) => transport.request('GET', path, more);
  const timesOf = (path = '/v1/thing') => sent.filter((one) => one.path === path).map(({ at }) => at);
  return { clock, sent, ask, client, transport, timesOf };
}

/** What became of a call. */
function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => 'fine',
    (error: unknown) => error,
  );
}

const slow = (hint?: string) => ({ status: 429, ...(hint === undefined ? {} : { hint }) });

afterEach(() => vi.unstubAllEnvs());

describe('after a 429', () => {
  it('RATE-1 a new call waits for the Retry-After of another one, and a little jitter', async () => {
    const { clock, ask, timesOf } = setUp((_, nth) => (nth === 1 ? slow('2') : 200));
    const first = ask();
    await clock.advance(100);
    const second = ask();
    await clock.advance(5_000);
    await Promise.all([first, second]);
    const [, retry = 0, other = 0] = timesOf();
    expect(retry).toBeGreaterThanOrEqual(2_020);
    expect(retry).toBeLessThanOrEqual(2_520);
    // The one that was refused goes first, alone; the other one when it got through.
    expect(other).toBeGreaterThanOrEqual(retry + 20);
    expect(other).toBeLessThan(retry + 200);
  });

  it('RATE-2 many calls are sent once more, at the pace of the service, the oldest first', async () => {
    let taken = 0;
    let windowAt = 0;
    const paths: string[] = [];
    const { clock, sent, ask } = setUp(({ path, at }) => {
      if (at >= windowAt + 1_000) {
        windowAt = at;
        taken = 0;
      }
      taken += 1;
      if (taken <= 60) paths.push(path);
      return taken <= 60 ? 200 : slow('1');
    });
    const query = (n: number) => ({ query: { n } });
    const calls = Promise.all(Array.from({ length: 300 }, (_, n) => ask('/v1/thing', query(n))));
    await clock.advance(6_000);
    await calls;
    // Those that were refused at first cost one request more each, and the test of the pace a few.
    expect(sent.length).toBeLessThanOrEqual(300 + 240 + 10);
    expect(paths).toHaveLength(300);
  });

  it('RATE-2 the others follow a second later when the one that goes first gets no answer', async () => {
    const { clock, ask, timesOf } = setUp((_, nth) => (nth === 1 ? slow('1') : nth === 2 ? 'never' : 200));
    const first = outcome(ask('/v1/thing', { deadlineMs: 20_000 }));
    await clock.advance(100);
    const late = ask();
    await clock.advance(4_000);
    await late;
    const [, tried = 0, followed = 0] = timesOf();
    expect(followed - tried).toBe(1_000);
    await clock.advance(30_000);
    expect(await first).toMatchObject({ code: 'TIMEOUT' });
  });

  it('RATE-2 the others follow when the one that goes first fails in another way', async () => {
    const { clock, ask, timesOf } = setUp((_, nth) => {
      if (nth === 1) return slow('1');
      return nth === 2 ? { status: 503, code: 'INTERNAL_ERROR', hint: '5' } : 'never';
    });
    const controller = new AbortController();
    const waiting = { signal: controller.signal };
    const calls = [outcome(ask('/v1/thing', waiting))];
    await clock.advance(100);
    calls.push(outcome(ask('/v1/thing', waiting)), outcome(ask('/v1/thing', waiting)));
    await clock.advance(2_000);
    const [, tried = 0, ...followed] = timesOf();
    expect(followed).toEqual([tried + 20, tried + 120]);
    controller.abort();
    await Promise.all(calls);
  });

  it.each<[string, Answer]>([
    ['RECIPIENT_BACKLOGGED', { status: 429, code: 'RECIPIENT_BACKLOGGED', hint: '2' }],
    ['COLD_CAP_EXCEEDED', { status: 429, code: 'COLD_CAP_EXCEEDED', hint: '2' }],
    ['OTP_COOLDOWN', { status: 429, code: 'OTP_COOLDOWN', hint: '2' }],
    ['a quota that takes longer than the policy pauses', slow('3600')],
    ['a service that is down', { status: 503, code: 'INTERNAL_ERROR', hint: '2' }],
  ])('RATE-1 %s keeps nobody else', async (_, answer) => {
    const { clock, ask, timesOf } = setUp((_sent, nth) => (nth === 1 ? answer : 200));
    const first = outcome(ask());
    await clock.advance(100);
    const second = ask();
    await clock.advance(20);
    await second;
    expect(timesOf().slice(0, 2)).toEqual([0, 100]);
    await clock.advance(10_000);
    await first;
  });

  it('RATE-1 a 429 of somebody on the way is believed as well: it asks for nothing but patience', async () => {
    const page = { status: 429, hint: '1', type: 'text/html' };
    const { clock, ask, timesOf } = setUp((_, nth) => (nth === 1 ? page : 200));
    const calls = [ask()];
    await clock.advance(100);
    calls.push(ask());
    await clock.advance(3_000);
    expect((await Promise.all(calls)).map(({ attempts }) => attempts)).toEqual([2, 1]);
    expect(timesOf()[1]).toBeGreaterThanOrEqual(1_020);
  });

  it('RATE-1 one refusal among many that are taken is that of one call', async () => {
    const { clock, ask, timesOf } = setUp((_, nth) => (nth === 40 ? slow('5') : 200));
    const calls: Promise<unknown>[] = [];
    for (let n = 0; n < 100; n++) {
      calls.push(ask());
      await clock.advance(10);
    }
    // The hundred went out as they came; the one that was refused comes again.
    expect(timesOf()).toHaveLength(100);
    await clock.advance(5_000);
    await Promise.all(calls);
    expect(timesOf()).toHaveLength(101);
  });

  it('RATE-1 other kinds of calls go on', async () => {
    const { clock, ask, client, timesOf } = setUp(({ path }) => (path === '/v1/thing' ? slow('5') : 200));
    const refused = outcome(ask());
    await clock.advance(100);
    const acked = outcome(client.syncAck('del_1'));
    const other = ask('/v1/other');
    await clock.advance(20);
    await Promise.all([acked, other]);
    expect([timesOf('/v1/messages/sync/ack'), timesOf('/v1/other')]).toEqual([[100], [100]]);
    await clock.advance(60_000);
    expect(await refused).toBeInstanceOf(RateLimitedError);
  });

  it('RATE-1 what is sent to one agent keeps nothing that is sent to others; two that are refused keep all', async () => {
    const { clock, sent, client } = setUp(({ to, at }) => (to !== 'carol' && at < 1_000 ? slow('3') : 201));
    const send = (to: string) => client.sendMessage({ to, content: 'hi' });
    const calls = [send('alice')];
    await clock.advance(100);
    calls.push(send('alice'), send('carol'));
    await clock.advance(100);
    expect(sent.map(({ to }) => to)).toEqual(['alice', 'carol']);
    calls.push(send('bob'));
    await clock.advance(100);
    calls.push(send('carol'));
    await clock.advance(100);
    expect(sent.map(({ to }) => to)).toEqual(['alice', 'carol', 'bob']);
    await clock.advance(10_000);
    expect(await Promise.all(calls)).toHaveLength(5);
    expect(sent.slice(3).map(({ to }) => to)).toEqual(['alice', 'alice', 'bob', 'carol']);
    expect(sent[3]?.at).toBeGreaterThanOrEqual(3_220);
  });

  it('RATE-1 the longest of several hints holds for all', async () => {
    const hints: Record<string, string> = { alice: '6', bob: '1' };
    const { clock, sent, client } = setUp(({ to = '', at }) => (at < 500 ? slow(hints[to]) : 201));
    const send = (to: string) => client.sendMessage({ to, content: 'hi' });
    const calls = [send('alice')];
    await clock.advance(100);
    calls.push(send('bob'));
    await clock.advance(100);
    calls.push(send('carol'));
    await clock.advance(20_000);
    await Promise.all(calls);
    expect(sent).toHaveLength(5);
    for (const { at } of sent.slice(2)) expect(at).toBeGreaterThanOrEqual(6_020);
  });

  it('RATE-1 a client made with other defaults waits at the same gate', async () => {
    const { clock, sent, client } = setUp((_, nth) => (nth === 1 ? slow('2') : 200));
    const first = outcome(client.getMe());
    await clock.advance(100);
    const other = outcome(client.with({ timeoutMs: 5_000 }).getMe());
    await clock.advance(1_000);
    expect(sent).toHaveLength(1);
    await clock.advance(5_000);
    await Promise.all([first, other]);
    expect(sent).toHaveLength(3);
  });

  it('RATE-2 is over soon: calls go as they please again', async () => {
    const { clock, ask, timesOf } = setUp((_, nth) => (nth === 1 ? slow('1') : 200));
    const calls = [ask(), ask('/v1/thing')];
    await clock.advance(10_000);
    calls.push(...Array.from({ length: 50 }, () => ask()));
    await clock.advance(20);
    await Promise.all(calls);
    expect(timesOf().slice(3)).toEqual(Array.from({ length: 50 }, () => 10_000));
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a call at the gate', () => {
  it('RATE-3 that may not be repeated fails with its 429; a new one waits', async () => {
    const { clock, transport, sent } = setUp((_, nth) => (nth === 1 ? slow('1') : 200));
    const first = outcome(transport.request('POST', '/v1/thing'));
    await clock.advance(100);
    expect(await first).toMatchObject({ status: 429, retryAfterMs: 1_000, outcome: 'rejected' });
    const second = transport.request('POST', '/v1/thing');
    await clock.advance(2_000);
    expect((await second).attempts).toBe(1);
    expect(sent[1]?.at).toBeGreaterThanOrEqual(1_020);
  });

  it('RATE-3 that has no time to wait is not sent, and says why', async () => {
    const { clock, ask, sent } = setUp((_, nth) => (nth === 1 ? slow('5') : 200));
    const first = ask();
    await clock.advance(100);
    const error = (await outcome(ask('/v1/thing', { deadlineMs: 1_000 }))) as RateLimitedError;
    expect(error).toBeInstanceOf(RateLimitedError);
    expect([error.outcome, error.retryable, error.status]).toEqual(['not_sent', true, 429]);
    expect(error.retryAfterMs).toBeGreaterThanOrEqual(4_900);
    expect(error.message).toMatch(/^GET \/v1\/thing was not sent: .*"deadlineMs"/);
    expect(sent).toHaveLength(1);
    await clock.advance(10_000);
    await first;
  });

  it('RATE-3 is not let in where thousands wait', async () => {
    const { clock, ask } = setUp((_, nth) => (nth === 1 ? slow('5') : 'never'));
    const controller = new AbortController();
    const waiting = { signal: controller.signal };
    const first = outcome(ask('/v1/thing', waiting));
    await clock.advance(100);
    const all = Array.from({ length: 9_999 }, () => outcome(ask('/v1/thing', waiting)));
    expect(await outcome(ask())).toMatchObject({
      outcome: 'not_sent',
      message: expect.stringContaining('thousands'),
    });
    controller.abort();
    expect((await Promise.all([first, ...all])).every((error) => error instanceof AgentChatClientError)).toBe(
      true,
    );
    expect(clock.pendingTimers).toBe(0);
  });

  it('RATE-3 is let in where thousands wait, if it was refused itself: also when that does not count', async () => {
    const { clock, ask } = setUp((_, nth) => (nth === 2 || nth === 3 ? slow('5') : 200));
    const controller = new AbortController();
    const calls = [ask(), ask()];
    await clock.advance(10);
    calls.push(ask());
    await clock.advance(15);
    const waiting = Array.from({ length: 10_000 }, () =>
      outcome(ask('/v1/thing', { signal: controller.signal })),
    );
    await clock.advance(1_000);
    controller.abort();
    await Promise.all(waiting);
    await clock.advance(30_000);
    expect((await Promise.all(calls.map(outcome))).every((end) => end === 'fine')).toBe(true);
  });

  it('RATE-3 ends by its signal and by its deadline, and leaves nothing', async () => {
    const { clock, ask, sent } = setUp((_, nth) => (nth === 1 ? slow('5') : 'never'));
    const controller = new AbortController();
    const aborted = outcome(ask('/v1/thing', { signal: controller.signal }));
    const late = outcome(ask('/v1/thing', { deadlineMs: 7_000, timeoutMs: 0 }));
    await clock.advance(1_000);
    controller.abort(new Error('enough'));
    expect(await aborted).toMatchObject({ code: 'ABORTED', outcome: 'rejected' });
    await clock.advance(6_000);
    expect(await late).toMatchObject({ code: 'TIMEOUT', outcome: 'unknown' });
    expect(sent).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });

  it('RATE-3 waits no longer than its retries would have lasted when nobody gets through', async () => {
    const { clock, ask, sent } = setUp(() => slow('1'));
    const calls = Array.from({ length: 300 }, () => outcome(ask()));
    await clock.advance(20);
    calls.push(outcome(ask()));
    await clock.advance(30_000);
    const errors = (await Promise.all(calls)) as AgentChatClientError[];
    expect(errors.every((error) => error instanceof RateLimitedError)).toBe(true);
    expect(errors.slice(0, 300).every(({ status }) => status === 429)).toBe(true);
    expect(errors.at(-1)).toMatchObject({
      outcome: 'not_sent',
      message: expect.stringContaining('refused every'),
    });
    expect(sent.length).toBeLessThan(310);
    expect(clock.pendingTimers).toBe(0);
  });

  it('RATE-3 two refusals of one call do not count that come while others get through, and no more', async () => {
    for (const [refusals, end] of [
      [5, 'fine'],
      [6, expect.any(RateLimitedError)],
    ] as const) {
      let left: number = refusals;
      const { clock, client } = setUp(({ at, to }) => {
        if (at < 500) return slow('1');
        if (to !== 'unlucky') return 200;
        left -= 1;
        return left > 0 ? slow('1') : 200;
      });
      const send = (to: string) => outcome(client.sendMessage({ to, content: 'hi' }));
      const calls = [send('unlucky'), ...Array.from({ length: 150 }, (_, n) => send(`agent-${n}`))];
      await clock.advance(60_000);
      const [unlucky, ...others] = await Promise.all(calls);
      expect(others.every((other) => other === 'fine')).toBe(true);
      expect(unlucky).toEqual(end);
    }
  });

  it('RATE-3 that is refused for reasons of its own does not keep the others for good', async () => {
    const { clock, ask } = setUp(({ at, path }, nth) => {
      if (path === '/v1/thing' && at < 500) return slow('1');
      return nth === 3 || nth === 5 || nth === 7 ? slow('1') : 200;
    });
    const calls = Array.from({ length: 2 }, () => ask());
    await clock.advance(30_000);
    expect((await Promise.all(calls)).every(({ status }) => status === 200)).toBe(true);
  });

  it('RATE-3 is seen by hooks and in the log', async () => {
    vi.stubEnv('AGENTCHAT_LOG', 'info');
    const lines: string[] = [];
    vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
    const delays: number[] = [];
    const hooks = { onRetry: ({ delayMs }: { delayMs: number }) => void delays.push(delayMs) };
    const { clock, ask } = setUp((_, nth) => (nth === 1 ? slow('2') : 200), { hooks });
    const calls = [ask()];
    await clock.advance(100);
    calls.push(ask());
    await clock.advance(5_000);
    await Promise.all(calls);
    vi.restoreAllMocks();
    expect(delays).toHaveLength(1);
    expect(delays[0]).toBeGreaterThanOrEqual(2_000);
    expect(delays[0]).toBeLessThanOrEqual(2_500);
    expect(lines.filter((line) => line.includes('waits for'))).toEqual([
      expect.stringMatching(/info: GET \/v1\/thing waits for \d+ ms at least: the service has asked/),
    ]);
  });
});
