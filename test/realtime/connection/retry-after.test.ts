import { describe, expect, it } from 'vitest';
import {
  LONGEST_RETRY_AFTER_MS,
  readUpgradeAnswer,
} from '../../../src/realtime/connection/upgrade-answer.js';
import { Machine } from './machine-driver.js';
import { bench, PROXY_PAGE, watchPromise } from './support.js';

function refusedFor(seconds: string, status = 503) {
  const made = bench();
  const connecting = watchPromise(made.connection.connect());
  made.network.last.refuse(status, { ...PROXY_PAGE, headers: { 'retry-after': seconds } });
  return { ...made, connecting };
}

describe('RCN-4: Retry-After on the upgrade', () => {
  it.each([429, 503])('is the earliest moment of the next attempt: HTTP %i', async (status) => {
    const { clock, network, recorder, accept, connecting, connection } = refusedFor('20', status);
    expect(recorder.errors[0]).toMatchObject({ status, retryAfterMs: 20_000, retryable: true });
    expect(recorder.errors[0]?.message).toMatch(/asked to wait for 20\.0 s.*begins in 20\.\d s/);
    expect(connection.insight().askedToWaitMs).toBeGreaterThanOrEqual(20_000);
    await clock.advance(19_999);
    expect(network.sockets).toHaveLength(1);
    await clock.advance(501);
    expect(network.sockets).toHaveLength(2);
    accept();
    await clock.settle();
    expect(connecting.outcome).toBe('resolved');
    expect(connection.insight().askedToWaitMs).toBeNull();
  });

  it('holds when the network comes back, and when the user stops and connects again', async () => {
    const { clock, network, connection } = refusedFor('20');
    await clock.advance(5_000);
    connection.networkChanged(true);
    await clock.advance(1_000);
    await connection.close();
    void connection.connect();
    expect(connection.state).toBe('waiting');
    await clock.advance(13_999);
    expect(network.sockets).toHaveLength(1);
    await clock.advance(501);
    expect(network.sockets).toHaveLength(2);
  });

  it('outlives other failures, and a shorter hint', () => {
    const machine = new Machine().opening().end({ kind: 'http', status: 503, retryAfterMs: 20_000 });
    expect(machine.state).toMatchObject({ until: 20_250 });
    machine.again().end({ kind: 'http', status: 429, retryAfterMs: 10 });
    // The backoff after the second failure is longer.
    expect(machine.state).toMatchObject({ until: 21_250 });
  });

  it('never makes a wait shorter than the backoff', () => {
    const machine = new Machine().opening().end({ kind: 'http', status: 503, retryAfterMs: 0 });
    expect(machine.state).toMatchObject({ until: 500 });
  });

  const read = (headers: Record<string, string>) =>
    readUpgradeAnswer({ kind: 'http', status: 503, headers }, Date.UTC(2026, 0, 1)).retryAfterMs;

  it('a date is read against the date of the answer, or else our clock', () => {
    const at = 'Thu, 01 Jan 2026 00:01:00 GMT';
    expect(read({ 'retry-after': at })).toBe(60_000);
    expect(read({ 'retry-after': at, date: 'Thu, 01 Jan 2026 00:00:50 GMT' })).toBe(10_000);
    expect(read({ 'retry-after': at, date: 'Thu, 01 Jan 2026 00:02:00 GMT' })).toBe(0);
  });

  it('what is no hint is none, and no hint holds for more than a day', () => {
    for (const header of ['soon', '-1', '1.5', '']) expect(read({ 'retry-after': header })).toBeUndefined();
    expect(read({})).toBeUndefined();
    expect(read({ 'retry-after': '99999999999999999999' })).toBe(LONGEST_RETRY_AFTER_MS);
  });
});
