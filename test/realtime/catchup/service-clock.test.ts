import { describe, expect, it } from 'vitest';
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

  it('says nothing of a clock that is right', async () => {
    const { rig } = skewed(3_000);
    await rig.hello(false);
    await rig.clock.advance(200_000);
    expect(rig.errors).toEqual([]);
  });
});
