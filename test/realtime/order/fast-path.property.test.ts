import { describe, expect, it } from 'vitest';
import type { EventHandler } from '../../../src/realtime/index.js';
import type { Message } from '../../../src/wire/index.js';
import { Dice } from './dice.js';
import { messageOf } from './machine-rig.js';
import { SequencerRig, type Way } from './sequencer-rig.js';

interface Stream {
  readonly frames: readonly { at: number; message: Message; source: 'live' | 'drain' }[];
  readonly history: readonly Message[];
  readonly slots: readonly { at: number; id: string; seq: number }[];
  readonly bounds: { concurrency: number; lane: number; holdPerConversation: number };
  readonly handlers: 'sync' | 'async' | 'mixed';
  readonly starts: ReadonlyMap<string, number>;
}

function streamOf(dice: Dice): Stream {
  const frames: { at: number; message: Message; source: 'live' | 'drain' }[] = [];
  const history: Message[] = [];
  const slots: { at: number; id: string; seq: number }[] = [];
  const starts = new Map<string, number>();
  const trouble = dice.pick(0, 0.05, 0.3);
  for (let c = 0; c < 3; c += 1) {
    const id = `conv_${c}`;
    let at = 0;
    const start = dice.int(1, 5);
    if (dice.chance(0.7)) starts.set(id, start);
    for (let seq = start; seq < start + dice.int(5, 40); seq += 1) {
      at += dice.chance(0.1) ? dice.int(0, 5_000) : dice.int(0, 5);
      const message = { ...messageOf(seq, `${id}-${seq}`), conversation_id: id };
      if (dice.chance(trouble / 4)) continue;
      history.push(message);
      if (dice.chance(trouble / 2)) {
        slots.push({ at: at + dice.int(0, 100), id, seq });
        continue;
      }
      if (dice.chance(trouble)) continue;
      const source = dice.chance(0.1) ? 'drain' : 'live';
      for (let copies = dice.chance(trouble) ? 2 : 1; copies > 0; copies -= 1) {
        frames.push({ at: at + (dice.chance(trouble) ? dice.int(0, 3_000) : 0), message, source });
      }
    }
  }
  frames.sort((a, b) => a.at - b.at);
  return {
    frames,
    history,
    slots,
    starts,
    handlers: dice.pick('sync', 'async', 'mixed'),
    bounds: {
      concurrency: dice.pick(1, 2, 64),
      lane: dice.pick(1, 3, 256),
      holdPerConversation: dice.pick(1, 5, 500),
    },
  };
}

/** The same message always fares the same: some take time, some fail a few times, synchronously or not. */
function handlerOf(rig: () => SequencerRig, kind: Stream['handlers']): EventHandler<'message.new'> {
  return ({ payload }, { source, attempt, late, redelivered }) => {
    const chance = new Dice([...payload.id].reduce((sum, char) => sum * 31 + char.charCodeAt(0), attempt));
    rig().note(`handles ${payload.id} ${source} ${attempt} ${late} ${redelivered}`);
    const fails = chance.chance(0.1);
    if (kind === 'sync' || (kind === 'mixed' && chance.chance(0.5))) {
      if (fails) throw new Error('on purpose');
      return undefined;
    }
    return new Promise<void>((resolve, reject) => {
      rig().clock.setTimer(
        () => {
          rig().note(`done ${payload.id}`);
          if (fails) reject(new Error('on purpose'));
          else resolve();
        },
        chance.pick(0, 3, 40, 2_000),
      );
    });
  };
}

async function play(stream: Stream, way: Way): Promise<SequencerRig> {
  const rig: SequencerRig = new SequencerRig({
    way,
    bounds: stream.bounds,
    retries: 2,
    handler: handlerOf(() => rig, stream.handlers),
  });
  for (const message of stream.history) {
    const known = rig.history.get(message.conversation_id);
    if (known === undefined) rig.history.set(message.conversation_id, [message]);
    else known.push(message);
  }
  for (const [id, start] of stream.starts) rig.anchor(id, start);
  for (const { at, message, source } of stream.frames) {
    rig.clock.setTimer(() => rig.arrives(message, source, source === 'drain'), at);
  }
  for (const { at, id, seq } of stream.slots) {
    rig.clock.setTimer(() => rig.sequencer.consumed(id, seq), at);
  }
  await rig.clock.advance(700_000);
  return rig;
}

function outcomeOf(rig: SequencerRig) {
  const { handled, duplicates, late, missing, holes, shed, parked, gapsOpened } = rig.counters;
  return {
    log: rig.log,
    acked: rig.acked,
    reports: rig.reports,
    parks: rig.parks,
    stands: ['conv_0', 'conv_1', 'conv_2'].map((id) => rig.stands(id)),
    counters: { handled, duplicates, late, missing, holes, shed, parked, gapsOpened },
    timers: rig.clock.pendingTimers,
  };
}

describe('the fast path', () => {
  it.each([1, 2, 3, 4])('does what the machine does, streams %i', async (block) => {
    for (let seed = block * 1_000; seed < block * 1_000 + 30; seed += 1) {
      const stream = streamOf(new Dice(seed));
      const machine = outcomeOf(await play(stream, 'machine'));
      expect(outcomeOf(await play(stream, 'fast')), `fast path, seed ${seed}`).toEqual(machine);
      expect(outcomeOf(await play(stream, 'slow')), `past it, seed ${seed}`).toEqual(machine);
    }
  });
});
