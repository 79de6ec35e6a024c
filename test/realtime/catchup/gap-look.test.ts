import { describe, expect, it } from 'vitest';
import { EngineRig, message, row } from './engine-rig.js';

const WINDOW = 2_000;
const hang = () => new Promise(() => {});

/** Conversations whose ids differ in the last letter, which is what their messages are called by. */
function crowd(size: number): string[] {
  return Array.from({ length: size }, (_, n) => `conv_${String.fromCodePoint(0x4e00 + n)}`);
}

/** History answers after a moment, as it does over any network. */
function slowly(rig: EngineRig): EngineRig {
  const usual = rig.source.getMessages.bind(rig.source);
  rig.source.getMessages = async (id, options) => {
    await new Promise<void>((resolve) => rig.clock.setTimer(resolve, 20));
    return usual(id, options);
  };
  return rig;
}

/** In each of them 2 is lost between 1 and 3. The service has it in its queue and in history. */
async function loseOneInEach(rig: EngineRig, ids: readonly string[]): Promise<void> {
  for (const id of ids) await rig.frame(message(1, id), message(3, id));
}

describe('GAP-6: many gaps share one look through the undelivered queue', () => {
  it('closes them all, and history is hardly asked', async () => {
    const rig = slowly(new EngineRig());
    await rig.hello();
    const ids = crowd(100);
    rig.source.rows = ids.flatMap((id) => [row(2, id), row(3, id)]);
    rig.source.history = ids.flatMap((id) => [message(1, id), message(2, id), message(3, id)]);
    await loseOneInEach(rig, ids);
    await rig.clock.advance(WINDOW + 100);
    expect(rig.handled).toHaveLength(300);
    expect(rig.source.count('getMessages')).toBe(4);
    expect(rig.source.asked.filter((line) => line === 'sync')).toHaveLength(2);
    expect(rig.gaps).toHaveLength(100);
    expect(rig.gaps.every(({ recovered, missing }) => recovered && missing.length === 0)).toBe(true);
    // Nothing is left waiting: the next gap is filled as ever.
    rig.source.history.push(message(4, ids[50]), message(5, ids[50]));
    await rig.frame(message(5, ids[50]));
    await rig.clock.advance(WINDOW + 100);
    expect(rig.handled.slice(300)).toEqual([message(4, ids[50]).id, message(5, ids[50]).id]);
  });

  it('asks history for what the queue does not have', async () => {
    const rig = slowly(new EngineRig());
    await rig.hello();
    const ids = crowd(60);
    rig.source.rows = ids.slice(0, 40).map((id) => row(2, id));
    rig.source.history = ids.flatMap((id) => [message(1, id), message(2, id), message(3, id)]);
    await loseOneInEach(rig, ids);
    await rig.clock.advance(WINDOW + 3_000);
    expect(rig.handled).toHaveLength(180);
    expect(rig.source.count('getMessages')).toBe(4 + 20);
  });

  it('leaves a few gaps to history', async () => {
    const rig = slowly(new EngineRig());
    await rig.hello();
    const ids = crowd(7);
    rig.source.history = ids.flatMap((id) => [message(1, id), message(2, id), message(3, id)]);
    await loseOneInEach(rig, ids);
    await rig.clock.advance(WINDOW + 1_000);
    expect(rig.handled).toHaveLength(21);
    expect(rig.source.asked.filter((line) => line.startsWith('sync'))).toEqual(['sync']);
  });

  it('does not look where nothing is acknowledged, so that the queue forgets what was lost', async () => {
    const rig = slowly(new EngineRig());
    await rig.hello(false);
    const ids = crowd(50);
    rig.source.history = ids.flatMap((id) => [message(1, id), message(2, id), message(3, id)]);
    await loseOneInEach(rig, ids);
    await rig.clock.advance(WINDOW + 5_000);
    expect(rig.handled).toHaveLength(150);
    expect(rig.source.asked.filter((line) => line.startsWith('sync'))).toEqual(['sync']);
  });

  it('does not look where the queue has more pages than history has gaps', async () => {
    const rig = new EngineRig({
      bounds: { concurrency: 1, lane: 5_000 },
      handler: hang as () => Promise<void>,
    });
    await rig.hello();
    for (let seq = 1; seq <= 4_500; seq += 1)
      rig.engine.inbox.frame({ type: 'message.new', payload: message(seq) });
    const ids = crowd(12);
    rig.source.history = ids.flatMap((id) => [message(1, id), message(2, id), message(3, id)]);
    await loseOneInEach(rig, ids);
    await rig.clock.advance(WINDOW + 1_000);
    expect(rig.source.count('getMessages')).toBe(12);
    expect(rig.source.asked.filter((line) => line.startsWith('sync'))).toEqual(['sync']);
  });

  it('waits five seconds for a look that gives no answer', async () => {
    const rig = slowly(new EngineRig());
    await rig.hello();
    const ids = crowd(30);
    rig.source.history = ids.flatMap((id) => [message(1, id), message(2, id), message(3, id)]);
    rig.source.next('sync', hang);
    await loseOneInEach(rig, ids);
    await rig.clock.advance(WINDOW + 4_900);
    expect(rig.source.count('getMessages')).toBe(4);
    await rig.clock.advance(3_000);
    expect(rig.handled).toHaveLength(90);
    expect(rig.source.count('getMessages')).toBe(30);
  });

  it('does not look again for a minute when a look has brought little', async () => {
    const rig = slowly(new EngineRig({ reconcileIntervalMs: 0 }));
    await rig.hello();
    const looks = () => rig.source.asked.filter((line) => line === 'sync').length - 1;
    const [first, second, third] = [crowd(90).slice(0, 30), crowd(90).slice(30, 60), crowd(90).slice(60)];
    rig.source.history = crowd(90).flatMap((id) => [message(1, id), message(2, id), message(3, id)]);
    await loseOneInEach(rig, first);
    await rig.clock.advance(10_000);
    expect(looks()).toBe(1);
    await loseOneInEach(rig, second);
    await rig.clock.advance(10_000);
    expect(looks()).toBe(1);
    await rig.clock.advance(50_000);
    await loseOneInEach(rig, third);
    await rig.clock.advance(10_000);
    expect(looks()).toBe(2);
    expect(rig.handled).toHaveLength(270);
  });

  it('goes on after a stop in the middle of it', async () => {
    const rig = slowly(new EngineRig());
    await rig.hello();
    const ids = crowd(30);
    rig.source.history = ids.flatMap((id) => [message(1, id), message(2, id), message(3, id)]);
    rig.source.next('sync', hang);
    await loseOneInEach(rig, ids);
    await rig.clock.advance(WINDOW + 100);
    await rig.stop();
    rig.engine.start();
    await rig.hello();
    await rig.clock.advance(10_000);
    expect(rig.handled).toHaveLength(90);
  });
});

describe('GAP-2: a fill whose gap has closed', () => {
  it('is not asked of history when its turn comes, and the next gap is', async () => {
    const rig = new EngineRig({ bounds: { fillsAtOnce: 1 } });
    await rig.hello();
    rig.source.next('getMessages', hang);
    rig.source.history = [message(3, 'conv_b'), message(4, 'conv_b')];
    await rig.frame(message(1), message(3), message(1, 'conv_b'), message(3, 'conv_b'));
    await rig.clock.advance(WINDOW + 500);
    expect(rig.source.asked.filter((line) => line.startsWith('getMessages'))).toHaveLength(1);
    // It was only late.
    await rig.frame(message(2, 'conv_b'));
    await rig.clock.advance(5_000);
    expect(rig.handled).toEqual(['a1', 'b1', 'b2', 'b3']);
    expect(rig.source.asked.filter((line) => line.startsWith('getMessages conv_b'))).toEqual([]);
    await rig.frame(message(5, 'conv_b'));
    await rig.clock.advance(WINDOW + 100);
    expect(rig.handled.slice(4)).toEqual(['b4', 'b5']);
  });
});
