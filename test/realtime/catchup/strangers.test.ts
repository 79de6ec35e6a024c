import { describe, expect, it } from 'vitest';
import { createAgentChatError } from '../../../src/errors/index.js';
import { totalsOf } from '../../../src/realtime/explain/explain.js';
import type { RealtimeSource } from '../../../src/realtime/index.js';
import { failureOf, isAbsent } from '../../../src/realtime/util/retrying.js';
import { EngineRig, FakeSource, message, row } from './engine-rig.js';

const stranger = (status: number) =>
  createAgentChatError({ code: `HTTP_${status}`, message: 'default backend', foreign: true }, status);
const refuses = (status: number) => () => Promise.reject(stranger(status));

describe("CATCH-3: a stranger's refusal is not the service's word", () => {
  it.each([403, 404, 410])('a %i of a proxy gives no gap up', async (status) => {
    const rig = new EngineRig();
    await rig.hello();
    rig.source.history = [message(1), message(2), message(3)];
    rig.source.next('getMessages', refuses(status), 4);
    await rig.frame(message(1), message(3));
    await rig.clock.advance(30_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3']);
    expect(rig.gaps.map(({ recovered }) => recovered)).toEqual([true]);
  });

  it('does not end the question who we are', async () => {
    let asked = 0;
    const getMe = async () => {
      asked += 1;
      if (asked < 4) throw stranger(404);
      return { handle: 'me' };
    };
    const client = Object.assign(new FakeSource(), { getMe }) as unknown as RealtimeSource;
    const rig = new EngineRig({ handle: undefined, client });
    await rig.hello();
    await rig.frame(message(1, 'conv_a', { sender: 'me' }), message(2));
    await rig.clock.advance(20_000);
    // Once more for explain().
    expect([asked, rig.handled]).toEqual([5, ['a2']]);
  });

  it('does not lose acks by cursor, and is told of once', async () => {
    const rig = new EngineRig();
    rig.source.rows = [row(1)];
    rig.source.next('syncAck', refuses(403), 3);
    await rig.hello();
    await rig.clock.advance(20_000);
    expect(rig.source.count('syncAck')).toBe(4);
    expect(rig.engine.counters.restAcks).toBe(1);
    expect(rig.errors.map(({ status }) => status)).toEqual([403]);
  });

  it('reads the invitations again', async () => {
    const rig = new EngineRig();
    rig.engine.catchUp.setListening('group.invite.received', true);
    rig.source.invites = [{ id: 'inv_1' }];
    rig.source.next('invites', refuses(404), 2);
    await rig.hello();
    await rig.clock.advance(10_000);
    expect(rig.emitted).toHaveLength(1);
  });

  it('takes no parked message away (HND-1)', async () => {
    const state = { fails: true };
    const rig = new EngineRig({
      handlerRetry: { retries: 0, minDelayMs: 1, maxDelayMs: 1 },
      handler: async () => {
        if (state.fails) throw new Error('on purpose');
      },
    });
    rig.source.history = [message(1)];
    await rig.hello();
    await rig.frame(message(1));
    await rig.clock.advance(1_000);
    state.fails = false;
    rig.source.next('getMessages', refuses(404));
    rig.source.next('getMessages', refuses(403));
    await rig.clock.advance(10 * 60_000);
    expect([rig.acked, totalsOf(rig.engine).parked]).toEqual([['a1'], 0]);
  });

  it('denies no far-off message (GAP-2)', async () => {
    const rig = new EngineRig({ bounds: { absurdSeqDistance: 10 } });
    await rig.hello(false);
    await rig.frame(message(1));
    rig.source.next('getMessages', refuses(403));
    rig.source.history = Array.from({ length: 30 }, (_, n) => message(n + 1));
    rig.source.list = [{ id: 'conv_a', newest_unread_seq: 30, last_message_at: '2026-01-01T00:00:01.000Z' }];
    await rig.clock.advance(90_000);
    expect(rig.handled).toHaveLength(1);
    // At the next look, as after a time-out. The service's own 403 rests for ten minutes.
    await rig.clock.advance(60_000);
    expect(rig.handled).toHaveLength(30);
  });

  it('is the last word after many minutes, where nothing else ends the asking', () => {
    expect(failureOf(stranger(404))).toEqual({ final: false, retryAfterMs: 0 });
    expect(failureOf(stranger(404), 600_000).final).toBe(true);
    expect([isAbsent(stranger(404)), isAbsent(stranger(404), 600_000)]).toEqual([false, true]);
  });

  it('takes an error of another source at its word, unless it says that it is foreign', () => {
    expect(failureOf(Object.assign(new Error('no'), { status: 404 })).final).toBe(true);
    expect(failureOf(Object.assign(new Error('no'), { status: 404, foreign: true })).final).toBe(false);
  });
});
