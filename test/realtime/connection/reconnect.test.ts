import { describe, expect, it } from 'vitest';
import { backoffDelay, earliestStart, LIMITER_ATTEMPTS } from '../../../src/realtime/connection/attempts.js';
import type { Ending } from '../../../src/realtime/connection/endings.js';
import { Machine, SETTINGS } from './machine-driver.js';

describe('RCN-1: backoff', () => {
  it('doubles from 500 ms to 30 s', () => {
    const machine = new Machine().opening().closed(1006);
    const delays: number[] = [];
    for (let round = 0; round < 9; round++) {
      if (machine.state.kind !== 'waiting') throw new Error('not waiting');
      delays.push(machine.state.until - machine.now);
      machine.again().closed(1006);
    }
    expect(delays).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is jittered by a quarter', () => {
    expect(backoffDelay(1, SETTINGS, 0)).toBe(375);
    expect(backoffDelay(1, SETTINGS, 0.999999)).toBeCloseTo(625, 2);
    expect(backoffDelay(5_000, SETTINGS, 0.5)).toBe(30_000);
  });

  it('begins at once where that is wished, and doubles from the pace when it fails again', () => {
    const machine = new Machine({ reconnectsAtOnce: true }).opening();
    const delays: number[] = [];
    for (let round = 0; round < 4; round++) {
      machine.closed(1006);
      if (machine.state.kind !== 'waiting') throw new Error('not waiting');
      delays.push(machine.state.until - machine.now);
      machine.again();
    }
    expect(delays).toEqual([0, 1_000, 2_000, 4_000]);
    machine.on({ type: 'opened', attempt: machine.attempt }).helloOk().closed(1006);
    expect(machine.state).toMatchObject({ kind: 'waiting', until: machine.now });
  });

  it('RCN-2: a session that worked is no failure: the wait after it is the base, however many were cut', () => {
    const machine = new Machine().opening().closed(1006).again().closed(1006).again();
    expect(machine.state.memory.failures).toBe(2);
    for (let round = 0; round < 30; round++) {
      machine.on({ type: 'opened', attempt: machine.attempt }).helloOk();
      const endedAt = machine.now + 10_000;
      machine.at(endedAt).closed(1006);
      expect(machine.state).toMatchObject({ until: endedAt + 500, memory: { failures: 0 } });
      machine.again();
    }
    // What fails then begins with the base too.
    expect(machine.closed(1006).state).toMatchObject({ until: machine.now + 500, memory: { failures: 1 } });
  });

  it('RCN-2: sessions are counted against no maximum', () => {
    const machine = new Machine({ maxReconnectAttempts: 2 }).opening();
    for (let round = 0; round < 10; round++) {
      machine.closed(1006).again().closed(1006).again();
      machine.on({ type: 'opened', attempt: machine.attempt }).helloOk();
      machine
        .at(machine.now + 5)
        .closed(1006)
        .again();
    }
    machine.closed(1006).again().closed(1006).again().closed(1006);
    expect(machine.effect('report').problem.kind).toBe('exhausted');
  });

  it.each([false, true])(
    'the limiter holds against a service that ends each session at once (at once: %s)',
    (reconnectsAtOnce) => {
      const machine = new Machine({ reconnectIntervalMs: 500, reconnectsAtOnce }).opening();
      const starts: number[] = [];
      for (let round = 0; round < 100; round++) {
        machine.on({ type: 'opened', attempt: machine.attempt }).helloOk().closed(1013);
        machine.on({ type: 'online' });
        if (machine.state.kind === 'waiting') machine.at(machine.state.until).fire();
        starts.push(machine.now);
        machine.key();
      }
      for (const [n, at] of starts.slice(LIMITER_ATTEMPTS).entries()) {
        expect(at - (starts[n] ?? 0)).toBeGreaterThanOrEqual(LIMITER_ATTEMPTS * 500);
      }
    },
  );

  it('begins at most 20 attempts per 20 intervals, when the user calls too', () => {
    const machine = new Machine();
    for (let call = 0; call < LIMITER_ATTEMPTS; call++) {
      machine.on({ type: 'connect' }).on({ type: 'close' });
    }
    expect(machine.attempt).toBe(20);
    machine.on({ type: 'connect' });
    expect(machine.attempt).toBe(20);
    expect(machine.state).toMatchObject({ kind: 'waiting', until: 10_000 });
    machine.at(9_999).on({ type: 'online' });
    expect(machine.attempt).toBe(20);
    machine.at(10_000).on({ type: 'online' });
    expect(machine.attempt).toBe(21);
    expect(earliestStart([], SETTINGS)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('the network coming back ends a wait', () => {
    const machine = new Machine().opening().closed(1006).on({ type: 'online' });
    expect(machine.state).toMatchObject({ kind: 'connecting', memory: { attempt: 2 } });
  });

  it('reconnect: false ends with the first failure, and with the first loss', () => {
    for (const machine of [
      new Machine({ maxReconnectAttempts: 0 }).opening(),
      new Machine({ maxReconnectAttempts: 0 }).connected(),
    ]) {
      machine.closed(1006);
      expect(machine.state.kind).toBe('idle');
      expect(machine.effect('connect_failed').problem.kind).toBe('exhausted');
      expect(machine.effect('report').problem.kind).toBe('exhausted');
    }
  });

  it('maxReconnectAttempts counts the attempts after the first', () => {
    const machine = new Machine({ maxReconnectAttempts: 2 })
      .opening()
      .closed(1006)
      .again()
      .closed(1006)
      .again();
    expect(machine.attempt).toBe(3);
    expect(machine.closed(1006).state.kind).toBe('idle');
    expect(machine.state.memory.failures).toBe(0);
  });
});

describe('RCN-1: terminal and transient ends', () => {
  const refusals: Ending[] = [
    { kind: 'closed', code: 1008, reason: '', wasClean: true },
    { kind: 'closed', code: 4401, reason: '', wasClean: true },
    { kind: 'closed', code: 4403, reason: '', wasClean: true },
    { kind: 'http', status: 401, said: 'no' },
    { kind: 'http', status: 403, said: 'no' },
  ];

  it.each(refusals)('%o stops', (ending) => {
    const machine = new Machine().authenticating().end(ending);
    expect(machine.state.kind).toBe('idle');
    expect(machine.effect('report').problem.kind).toBe('refused');
    expect(machine.effect('connect_failed').problem.kind).toBe('refused');
    expect(machine.done).not.toContain('timer');
  });

  it.each([1008, 4401, 4403])('%i stops a session too', (code) => {
    const machine = new Machine().connected().closed(code);
    expect(machine.state.kind).toBe('idle');
    expect(machine.done.indexOf('session_end')).toBeLessThan(machine.done.indexOf('report'));
  });

  it('everything else is transient', () => {
    const transient: Ending[] = [
      ...[1000, 1001, 1005, 1006, 1009, 1011, 1012, 1013, 4400, 4404, 4500].map(
        (code) => ({ kind: 'closed', code, reason: '', wasClean: true }) as const,
      ),
      ...[200, 302, 400, 401, 403, 404, 429, 500, 503].map((status) => ({ kind: 'http', status }) as const),
      { kind: 'not_opened', cause: new Error('x') },
      { kind: 'key_failed', cause: null },
    ];
    for (const ending of transient) {
      expect(new Machine().authenticating().end(ending).state.kind).toBe('waiting');
      expect(new Machine().connected().end(ending).state.kind).toBe('waiting');
    }
  });

  it('our own 1008, for a hello that was not answered, is transient', () => {
    const machine = new Machine().authenticating().at(4_000).fire();
    expect(machine.effect('discard').code).toBe(1008);
    expect(machine.state.kind).toBe('waiting');
  });

  it('a 1008 before hello.ok is doubtful when it comes late: the service also closes so after five seconds without a hello', () => {
    const late = new Machine().opening().at(3_000).on({ type: 'opened', attempt: 1 });
    expect(late.at(4_001).closed(1008).state.kind).toBe('waiting');
    const prompt = new Machine().opening().at(3_000).on({ type: 'opened', attempt: 1 });
    expect(prompt.at(4_000).closed(1008).state.kind).toBe('idle');
    const clear = new Machine().opening().at(9_000).on({ type: 'opened', attempt: 1 });
    expect(clear.at(9_100).closed(4401).state.kind).toBe('idle');
  });

  it('what the service said before it closed goes into the problem', () => {
    const machine = new Machine().authenticating();
    machine.on({ type: 'hello_hint', attempt: 1, hint: 'key revoked' }).closed(4401);
    expect(machine.effect('report').problem).toMatchObject({ kind: 'refused', hint: 'key revoked' });
  });
});

describe('RCN-1: a key that may be rotated', () => {
  const rotating = () => new Machine({ keySource: 'function' });

  it('is asked once more after a refusal; another key goes on', () => {
    const machine = rotating().authenticating(1).closed(4401);
    expect(machine.state.kind).toBe('waiting');
    expect(machine.effect('report').problem.kind).toBe('attempt_failed');
    machine.again(2);
    expect(machine.state).toMatchObject({ kind: 'connecting', phase: 'opening' });
    machine.on({ type: 'opened', attempt: 2 }).helloOk();
    expect(machine.state.memory.refusal).toBeNull();
  });

  it('the same key again is the end, without another socket', () => {
    const machine = rotating().authenticating(1).closed(4401);
    machine.again(1);
    expect(machine.state.kind).toBe('idle');
    expect(machine.done).not.toContain('open');
    expect(machine.effect('connect_failed').problem).toMatchObject({
      kind: 'refused',
      ending: { code: 4401 },
    });
  });

  it('a second refusal in a row is the end, whatever the key', () => {
    const machine = rotating().authenticating(1).closed(4401).again(2).on({ type: 'opened', attempt: 2 });
    expect(machine.closed(4401).state.kind).toBe('idle');
  });

  it('a session whose key is rotated under it goes on with the new one', () => {
    const machine = rotating().connected().closed(4401);
    expect(machine.state.kind).toBe('waiting');
    machine.again(2).on({ type: 'opened', attempt: 2 }).helloOk();
    expect(machine.state).toMatchObject({ kind: 'connected', session: { id: 2 } });
  });

  it('a key function that fails or hangs is a failed attempt', () => {
    const failed = rotating()
      .on({ type: 'connect' })
      .end({ kind: 'key_failed', cause: new Error('vault') });
    expect(failed.state.kind).toBe('waiting');
    expect(failed.done).not.toContain('discard');
    const hung = rotating().on({ type: 'connect' }).at(10_000).fire();
    expect(hung.state.kind).toBe('waiting');
    expect(hung.effect('report').problem).toMatchObject({ ending: { kind: 'key_timeout' } });
  });

  it('with reconnect: false nothing is asked again', () => {
    const machine = new Machine({ keySource: 'function', maxReconnectAttempts: 0 }).authenticating();
    expect(machine.closed(4401).effect('connect_failed').problem.kind).toBe('refused');
  });
});
