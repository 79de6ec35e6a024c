import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/wire/index.js';
import { EngineRig, message } from '../catchup/engine-rig.js';

/** A bot that answers from inside its handler, over a source that tells of the send before it returns. */
function answering(reply: (to: Message) => Message | null, options: { deliverOwn: boolean }) {
  const log: string[] = [];
  let depth = 0;
  let deepest = 0;
  const rig: EngineRig = new EngineRig({
    ...options,
    handler: ({ payload }) => {
      depth += 1;
      deepest = Math.max(deepest, depth);
      log.push(`begins ${payload.id}`);
      const answer = reply(payload);
      if (answer !== null) rig.engine.inbox.sent(answer);
      log.push(`ends ${payload.id}`);
      depth -= 1;
    },
  });
  return { rig, log, deepest: () => deepest };
}

const own = (seq: number, conversation?: string) => message(seq, conversation, { sender: 'me' });

describe('ORD-1: a source that tells of our own send while the handler that sent it is at work', () => {
  it('does not run the handler of the reply inside the handler of the message', async () => {
    const { rig, log } = answering(({ seq }) => (seq === 1 ? own(2) : null), { deliverOwn: true });
    await rig.hello();
    await rig.frame(message(1));
    expect(log).toEqual(['begins a1', 'ends a1', 'begins a2', 'ends a2']);
    expect(rig.acked).toEqual(['a1', 'a2']);
  });

  it('waits for an asynchronous handler to settle', async () => {
    const log: string[] = [];
    const rig: EngineRig = new EngineRig({
      deliverOwn: true,
      handler: async ({ payload }) => {
        log.push(`begins ${payload.id}`);
        if (payload.seq === 1) rig.engine.inbox.sent(own(2));
        await new Promise<void>((resolve) => {
          rig.clock.setTimer(resolve, 100);
        });
        log.push(`ends ${payload.id}`);
      },
    });
    await rig.hello();
    await rig.frame(message(1));
    await rig.clock.advance(1_000);
    expect(log).toEqual(['begins a1', 'ends a1', 'begins a2', 'ends a2']);
  });

  it.each([
    ['in one conversation', () => undefined],
    ['from conversation to conversation', (n: number) => `conv_${n}`],
  ])(
    'does not let the stack grow with a bot that answers itself 20,000 times, %s',
    async (_, conversation) => {
      let sent = 1;
      const next = () => {
        sent += 1;
        const id = conversation(sent);
        return own(id === undefined ? sent : 1, id);
      };
      const { rig, deepest } = answering(() => (sent < 20_000 ? next() : null), { deliverOwn: true });
      await rig.hello();
      await rig.frame(message(1, conversation(1)));
      await rig.clock.settle();
      expect(rig.handled).toHaveLength(20_000);
      expect(deepest()).toBe(1);
      expect(rig.errors).toEqual([]);
    },
  );

  it('GAP-5: takes the seq of a send at once where own messages are not delivered', async () => {
    const { rig, log } = answering(({ seq }) => (seq === 1 ? own(2) : null), { deliverOwn: false });
    await rig.hello();
    await rig.frame(message(1), message(3));
    expect(log).toEqual(['begins a1', 'ends a1', 'begins a3', 'ends a3']);
    expect(rig.engine.counters.gapsOpened).toBe(0);
  });
});
