import { describe, expect, it } from 'vitest';
import { createAgentChatError } from '../../../src/errors/index.js';
import type { SourceCallOptions } from '../../../src/realtime/source.js';
import { EngineRig, message } from './engine-rig.js';

/** A rig whose service is so far behind the clock of the host, and says so in its answers. */
function skewed(aheadMs: number) {
  const rig = new EngineRig();
  const { source, clock } = rig;
  const serviceNow = () => new Date(clock.wallNow() - aheadMs);
  const { sync } = source;
  const dated = (options: SourceCallOptions = {}) => {
    options.onResponse?.({ headers: { get: () => serviceNow().toUTCString() } });
    return sync.call(source, options as object);
  };
  Object.assign(source, { sync: dated });
  const written = (seq: number) => message(seq, 'conv_a', { created_at: serviceNow().toISOString() });
  return { rig, written };
}

describe("CATCH-4: our clock is not the service's", () => {
  it.each([600_000, -600_000])('finds an only message that was lost, %i ms off', async (aheadMs) => {
    const { rig, written } = skewed(aheadMs);
    await rig.hello(false);
    await rig.clock.advance(20_000);
    const only = written(1);
    rig.source.history = [only];
    rig.source.list = [{ id: 'conv_a', newest_unread_seq: 1, last_message_at: only.created_at }];
    await rig.clock.advance(180_000);
    expect(rig.handled).toEqual(['a1']);
    expect(rig.errors.map(({ code }) => code)).toEqual(['CLOCK_SKEWED']);
    expect(rig.errors[0]?.message).toMatch(aheadMs > 0 ? /(599|600) s ahead of/ : /(599|600) s behind/);
  });

  it('finds a first message that was lost before one that came', async () => {
    const { rig, written } = skewed(600_000);
    await rig.hello(false);
    await rig.clock.advance(20_000);
    rig.source.history = [written(4), written(5)];
    await rig.frame(written(5));
    await rig.clock.advance(20_000);
    expect(rig.handled).toEqual(['a4', 'a5']);
  });

  it('knows what time it is before it looks behind a first message, however late REST answers', async () => {
    const { rig, written } = skewed(600_000);
    const { source } = rig;
    const { sync, getMessages } = source;
    Object.assign(source, { sync: () => new Promise(() => {}) });
    await rig.hello(false);
    await rig.clock.advance(1_000);
    source.history = [written(4), written(5)];
    const dated = (id: string, options: SourceCallOptions = {}) => {
      const date = new Date(rig.clock.wallNow() - 600_000).toUTCString();
      options.onResponse?.({ headers: { get: () => date } });
      return getMessages.call(source, id, options as object);
    };
    Object.assign(source, { getMessages: dated });
    await rig.frame(written(5));
    await rig.clock.advance(30_000);
    expect(rig.handled).toEqual(['a4', 'a5']);
    Object.assign(source, { sync });
  });

  it('does not take the time of day from an answer that was no good: it may be a stranger that gave it', async () => {
    const rig = new EngineRig();
    const { sync } = rig.source;
    const ofStranger = (options: SourceCallOptions = {}) => {
      options.onResponse?.({ headers: { get: () => 'Mon, 01 Jan 2024 00:00:00 GMT' } });
      return Promise.reject(
        createAgentChatError({ code: 'HTTP_404', message: 'no backend', foreign: true }, 404),
      );
    };
    Object.assign(rig.source, { sync: ofStranger });
    await rig.hello(false);
    await rig.clock.advance(20_000);
    Object.assign(rig.source, { sync });
    expect(rig.engine.serviceClock.hostAheadMs).toBeNull();
    expect(rig.errors.map(({ code }) => code)).not.toContain('CLOCK_SKEWED');
  });

  it.each([600_000, 0, -600_000])('tells what is live from what waited, %i ms off', async (aheadMs) => {
    const { rig, written } = skewed(aheadMs);
    const { source } = rig;
    const before = written(1);
    await rig.clock.advance(5_000);
    await rig.hello(false);
    await rig.clock.advance(500);
    // Another session, whose queue is still being read while messages are pushed.
    await rig.lost();
    await rig.clock.advance(5_000);
    source.next('sync', () => new Promise(() => {}));
    await rig.hello(false);
    await rig.clock.advance(3_000);
    await rig.frame({ ...before, conversation_id: 'conv_b', id: 'b1' }, written(1));
    await rig.clock.advance(100);
    expect([rig.contexts.get('b1')?.source, rig.contexts.get('a1')?.source]).toEqual(['backlog', 'live']);
  });

  it('says nothing of a clock that is right', async () => {
    const { rig } = skewed(3_000);
    await rig.hello(false);
    await rig.clock.advance(200_000);
    expect(rig.errors).toEqual([]);
  });
});
