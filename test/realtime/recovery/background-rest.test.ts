import { describe, expect, it } from 'vitest';
import { AbortedError, TimeoutError } from '../../../src/errors/index.js';
import { Life } from '../../../src/realtime/life.js';
import { BackgroundRest } from '../../../src/realtime/recovery/background-rest.js';
import type { SourceCallOptions } from '../../../src/realtime/source.js';
import { VirtualClock } from '../../support/virtual-clock.js';

describe('background REST', () => {
  it('leaves the service to the bot: at most so many requests a second, in order', async () => {
    const clock = new VirtualClock();
    const rest = new BackgroundRest(clock, 20);
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
    expect(at.filter((when) => when === 0)).toHaveLength(20);
    expect(at.filter((when) => when > 0 && when <= 1_000).length).toBeLessThanOrEqual(20);
    expect(clock.pendingTimers).toBe(0);
  });

  it('asks for a deadline per attempt, and passes a signal on', async () => {
    const clock = new VirtualClock();
    let options: SourceCallOptions = {};
    await new BackgroundRest(clock, 20).run(async (call) => {
      options = call;
    }, new Life());
    expect(options.timeoutMs).toBe(10_000);
    expect(options.signal?.aborted).toBe(false);
    expect(clock.pendingTimers).toBe(0);
  });

  it('gives up a source that neither answers nor fails, and tells it so', async () => {
    const clock = new VirtualClock();
    let signal: AbortSignal | undefined;
    const request = new BackgroundRest(clock, 20).run((call) => {
      signal = call.signal;
      return new Promise(() => {});
    }, new Life());
    const failed = expect(request).rejects.toBeInstanceOf(TimeoutError);
    await clock.advance(60_000);
    await failed;
    expect(signal?.aborted).toBe(true);
  });

  it('takes a source that throws for one that rejects', async () => {
    const rest = new BackgroundRest(new VirtualClock(), 20);
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
    const request = new BackgroundRest(clock, 20).run((call) => {
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
    const rest = new BackgroundRest(clock, 1);
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
    const request = new BackgroundRest(new VirtualClock(), 20).run(async () => {
      sent = true;
    }, life);
    await expect(request).rejects.toBeInstanceOf(AbortedError);
    expect(sent).toBe(false);
  });
});
