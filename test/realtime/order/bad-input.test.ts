import { describe, expect, it } from 'vitest';
import type { Message, ServerFrame } from '../../../src/wire/index.js';
import { EngineRig, message } from '../catchup/engine-rig.js';

function frame(payload: unknown): ServerFrame {
  return { type: 'message.new', payload } as unknown as ServerFrame;
}

describe('a frame that is no message', () => {
  it.each([
    null,
    undefined,
    7,
    'x',
    [],
    {},
    { ...message(2), id: '' },
    { ...message(2), conversation_id: 7 },
    { ...message(2), sender: undefined },
    { ...message(2), content: 'text' },
  ])('is reported, and stops nothing: %j', async (payload) => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(1));
    rig.engine.inbox.frame(frame(payload));
    await rig.frame(message(2));
    expect(rig.handled).toEqual(['a1', 'a2']);
    expect(rig.errors).toMatchObject([{ name: 'ProtocolError' }]);
    expect(rig.engine.counters.malformed).toBe(1);
  });
});

describe('a seq that is none', () => {
  it.each([-1, 1.5, '2', 2 ** 53, Number.NaN, null, undefined, {}])(
    'is delivered all the same, once, beside the order: %j',
    async (seq) => {
      const rig = new EngineRig();
      await rig.hello();
      await rig.frame(message(1));
      const odd = { ...message(2), id: 'odd', seq } as unknown as Message;
      await rig.frame(odd, odd, message(2));
      expect(rig.handled).toEqual(['a1', 'odd', 'a2']);
      expect(rig.acked).toEqual(['a1', 'odd', 'odd', 'a2']);
      expect(rig.gaps).toEqual([]);
    },
  );

  it('-0 is 0', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(-0), message(0), message(1));
    expect(rig.handled).toEqual(['a0', 'a1']);
  });

  it('in a first frame, 2^53 - 1 keeps nobody from being heard', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(2 ** 53 - 1), message(5), message(6));
    await rig.clock.advance(60_000);
    expect([...rig.handled].sort()).toEqual(['a5', 'a6', `a${2 ** 53 - 1}`]);
  });
});

describe('names from the wire', () => {
  it.each(['__proto__', 'constructor', 'toString'])('a conversation may be called %s', async (id) => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame({ ...message(1), conversation_id: id }, { ...message(2), conversation_id: id });
    expect(rig.handled).toEqual(['a1', 'a2']);
  });
});
