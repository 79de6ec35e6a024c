import { describe, expect, it } from 'vitest';
import { AbortedError, TimeoutError } from '../../../src/errors/index.js';
import { RestGate } from '../../../src/realtime/catchup/rest-gate.js';
import type { SourceCallOptions } from '../../../src/realtime/source.js';
import { Life } from '../../../src/realtime/util/life.js';
import { VirtualClock } from '../../support/virtual-clock.js';

/** The most that begin within a second, wherever it begins. */
function mostInOneSecond(at: readonly number[]): number {
  return Math.max(...at.map((from) => at.filter((when) => when >= from && when < from + 1_000).length));
}

describe('background REST', () => {
  it('leaves the service to the bot: at most so many requests in any one second, in order', async () => {
    const clock = new VirtualClock();
    const rest = new RestGate(clock, 20);
    const at: number[] = [];
    const order: number[] = [];
    const life = new Life();
    for (let n = 0; n < 100; n += 1) {
      void rest.run(async () => {
        at.push(clock.now());
        order.push(n);
      }, life);
    }
    await clock.advance(4_100);
    expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
    // What nobody has asked for lately goes at once: the first pages of a drain do not wait.
    expect(at.filter((when) => when === 0)).toHaveLength(20);
    expect(mostInOneSecond(at)).toBe(20);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('keeps to it however they are asked for (seed %i)', async (seed) => {
    const clock = new VirtualClock({ seed });
    const perSecond = 1 + Math.floor(clock.random() * 20);
    const rest = new RestGate(clock, perSecond);
    const at: number[] = [];
    let asked = 0;
    while (clock.now() < 30_000) {
      for (let burst = Math.floor(clock.random() * 3 * perSecond); burst > 0; burst -= 1) {
        asked += 1;
        void rest.run(async () => at.push(clock.now()), new Life());
      }
      await clock.advance(clock.random() * 4_000);
    }
    await clock.advance(120_000);
    expect(at).toHaveLength(asked);
    expect(mostInOneSecond(at)).toBeLessThanOrEqual(perSecond);
    expect(clock.pendingTimers).toBe(0);
  });

  it('with a timer that fires early, waits again instead of going too soon', async () => {
    class HastyClock extends VirtualClock {
      override setTimer(callback: () => void, delayMs: number, kind?: 'background') {
        return super.setTimer(callback, delayMs > 2 ? delayMs - 0.7 : delayMs, kind);
      }
    }
    const clock = new HastyClock();
    const rest = new RestGate(clock, 2);
    const at: number[] = [];
    for (let n = 0; n < 6; n += 1) void rest.run(async () => at.push(clock.now()), new Life());
    await clock.advance(3_000);
    expect(at).toHaveLength(6);
    expect(mostInOneSecond(at)).toBe(2);
  });

  it('lets who keeps a pace of its own go at once, and counts it for nobody', async () => {
    const clock = new VirtualClock();
    const rest = new RestGate(clock, 1);
    const life = new Life();
    expect(await rest.runNow(async () => clock.now(), life)).toBe(0);
    expect(await rest.run(async () => clock.now(), life)).toBe(0);
    expect(await rest.runNow(async () => clock.now(), life)).toBe(0);
  });

  it('asks for a deadline per attempt, and passes a signal on', async () => {
    const clock = new VirtualClock();
    let options: SourceCallOptions = {};
    await new RestGate(clock, 20).run(async (call) => {
      options = call;
    }, new Life());
    expect(options.timeoutMs).toBe(10_000);
    expect(options.signal?.aborted).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up a source that neither answers nor fails, and tells it so', async () => {
    const clock = new VirtualClock();
    let signal: AbortSignal | undefined;
    const request = new RestGate(clock, 20).run((call) => {
      signal = call.signal;
      return new Promise(() => {});
    }, new Life());
    const failed = expect(request).rejects.toBeInstanceOf(TimeoutError);
    await clock.advance(60_000);
    await failed;
    expect(signal?.aborted).toBe(true);
  });

  it('takes a source that throws for one that rejects', async () => {
    const rest = new RestGate(new VirtualClock(), 20);
    await expect(
      rest.run(() => {
        throw new RangeError('at once');
      }, new Life()),
    ).rejects.toBeInstanceOf(RangeError);
  });

  it('ends with the client: what is under way is aborted (STOP-1)', async () => {
    const clock = new VirtualClock();
    const life = new Life();
    let signal: AbortSignal | undefined;
    const request = new RestGate(clock, 20).run((call) => {
      signal = call.signal;
      return new Promise(() => {});
    }, life);
    const failed = expect(request).rejects.toBeInstanceOf(AbortedError);
    await clock.settle();
    life.end();
    await failed;
    expect(signal?.aborted).toBe(true);
    await clock.settle();
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends with the client: what waits for its turn is not sent, and nothing stays behind (STOP-1)', async () => {
    const clock = new VirtualClock();
    const rest = new RestGate(clock, 1);
    const [ending, other] = [new Life(), new Life()];
    const sent: string[] = [];
    await rest.run(async () => sent.push('first'), ending);
    const waiting = Array.from({ length: 100 }, (_, n) =>
      rest.run(async () => sent.push(`ending ${n}`), ending).catch((error: unknown) => error),
    );
    await clock.settle();
    const survivor = rest.run(async () => sent.push('survivor'), other);
    ending.end();
    for (const error of await Promise.all(waiting)) expect(error).toBeInstanceOf(AbortedError);
    await clock.advance(1_000);
    await survivor;
    expect(sent).toEqual(['first', 'survivor']);
    expect(clock.pendingTimers).toBe(0);
  });

  it('sends nothing when the client stopped before', async () => {
    const life = new Life();
    life.end();
    let sent = false;
    const request = new RestGate(new VirtualClock(), 20).run(async () => {
      sent = true;
    }, life);
    await expect(request).rejects.toBeInstanceOf(AbortedError);
    expect(sent).toBe(false);
  });
});
