import { describe, expect, it } from 'vitest';
import { LanesRig } from './lanes-rig.js';

describe('STOP-1: the lanes', () => {
  it('start nothing after stop(); what runs may finish, and counts', async () => {
    const rig = new LanesRig();
    rig.handlers(rig.manual);
    rig.push('a1', 'a2', 'b1');
    rig.stop();
    let idle = false;
    void rig.lanes.slots.whenIdle().then(() => {
      idle = true;
    });
    await rig.finish('a1');
    expect(idle).toBe(false);
    rig.push('c1');
    await rig.finish('b1');
    expect(idle).toBe(true);
    await rig.clock.advance(600_000);
    expect(rig.started).toEqual(['a1', 'b1']);
    expect(rig.handled).toEqual(['a1', 'b1']);
  });

  it('are idle at once when nothing runs', async () => {
    const rig = new LanesRig();
    rig.handlers(rig.manual);
    rig.stop();
    await rig.lanes.slots.whenIdle();
    expect(rig.clock.pendingTimers).toBe(0);
  });

  it('leave no timer behind: a retry that was due waits for the next life', async () => {
    const rig = new LanesRig();
    rig.handlers(rig.manual);
    rig.push('a1', 'b1');
    rig.call('a1').fail();
    await rig.clock.settle();
    rig.stop();
    rig.call('b1').fail();
    await rig.clock.settle();
    rig.lanes.abandon();
    expect(rig.clock.pendingTimers).toBe(0);
    rig.restart();
    rig.handlers(rig.manual);
    expect(rig.started).toEqual(['a1', 'b1', 'a1', 'b1']);
    expect(rig.call('a1').context).toMatchObject({ attempt: 2, redelivered: true });
  });

  it('abort the signal of handlers that outlive the deadline, and of no other', async () => {
    const rig = new LanesRig();
    rig.handlers(rig.manual);
    rig.push('a1', 'b1');
    const [a, b] = [rig.call('a1').context.signal, rig.call('b1').context.signal];
    await rig.finish('b1');
    rig.stop();
    expect(a.aborted).toBe(false);
    let idle = false;
    void rig.lanes.slots.whenIdle().then(() => {
      idle = true;
    });
    rig.lanes.abandon();
    await rig.clock.settle();
    expect(idle).toBe(true);
    expect(a.aborted).toBe(true);
    expect(b.aborted).toBe(false);
  });

  it('go on where they stood in a new life, with a new signal', async () => {
    const rig = new LanesRig({ bounds: { concurrency: 1 } });
    rig.handlers(rig.manual);
    rig.push('a1', 'a2', 'b1');
    rig.stop();
    rig.lanes.abandon();
    rig.restart();
    expect(rig.lanes.flowing).toBe(false);
    rig.handlers(rig.manual);
    // The handler of the old life still has its lane. Its slot it has lost: it may never end.
    expect(rig.started).toEqual(['a1', 'b1']);
    await rig.finish('a1');
    expect(rig.started).toEqual(['a1', 'b1']);
    expect(rig.call('b1').context.signal.aborted).toBe(false);
    await rig.finish('b1', 'a2');
    expect(rig.handled).toEqual(['a1', 'b1', 'a2']);
  });

  it('make no slots out of nothing, however often they are stopped', async () => {
    const rig = new LanesRig({ bounds: { concurrency: 2 } });
    rig.handlers(rig.manual);
    for (let n = 0; n < 5; n += 1) {
      rig.push('a1');
      rig.stop();
      rig.stop();
      rig.lanes.abandon();
      rig.restart();
      rig.handlers(rig.manual);
      await rig.finish('a1');
    }
    rig.push('b1', 'c1', 'd1');
    expect(rig.lanes.slots.runningCount).toBe(2);
  });

  it('are not opened by a handler that is registered after stop()', () => {
    const rig = new LanesRig();
    rig.handlers(rig.manual);
    rig.stop();
    rig.handlers(rig.manual, rig.manual);
    rig.push('a1');
    expect(rig.started).toEqual([]);
  });

  it('take a stop() from inside a handler', async () => {
    const rig = new LanesRig();
    rig.push('a1', 'a2');
    rig.handlers(({ payload }) => {
      rig.log.push(`starts ${payload.id}`);
      rig.stop();
    });
    await rig.clock.settle();
    expect(rig.log).toEqual(['starts a1', 'handled a1']);
  });
});
