import { describe, expect, it } from 'vitest';
import { EngineRig, message, row } from './engine-rig.js';

const MINUTE = 60_000;

/** `[[[...]]]`: JSON gives it, and whatever walks through it without a limit runs out of stack. */
function deep(): unknown {
  return JSON.parse('['.repeat(50_000) + ']'.repeat(50_000));
}

/** What `String()` and templates throw at. */
const untellable = { toString: null, valueOf: null };

const BAD: [string, () => unknown][] = [
  ['a deeply nested id', () => ({ ...row(1, 'conv_b'), id: deep() })],
  ['a deeply nested cursor and no id', () => ({ ...row(1, 'conv_b'), id: null, delivery_id: deep() })],
  ['an id that cannot be told', () => ({ ...row(1, 'conv_b'), id: untellable })],
  ['a cursor that cannot be told', () => ({ ...row(1, 'conv_b'), delivery_id: untellable })],
  ['content that is deeply nested', () => ({ ...row(1, 'conv_b'), content: deep() })],
  ['a date that cannot be told', () => ({ ...row(1, 'conv_b'), created_at: untellable })],
  ['a conversation that cannot be told', () => ({ ...row(1, 'conv_b'), conversation_id: untellable })],
];

describe('CATCH-1: no row of the undelivered queue can break a drain', () => {
  it.each(BAD)('%s: the good rows around it are handled, and it is reported once', async (_name, make) => {
    const rig = new EngineRig();
    rig.source.rows = [row(1), make(), row(2), row(1, 'conv_c')];
    await rig.hello();
    await rig.clock.advance(2_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'c1']);
    expect(rig.errors).toMatchObject([{ name: 'ProtocolError' }]);
    expect(rig.engine.counters.malformed).toBeGreaterThan(0);
    // Later passes meet it again and say nothing.
    await rig.clock.advance(3 * MINUTE);
    await rig.lost();
    await rig.hello();
    await rig.clock.advance(2_000);
    expect(rig.errors).toHaveLength(1);
    rig.source.rows.push(row(3));
    await rig.clock.advance(MINUTE + 1_000);
    expect(rig.handled).toEqual(['a1', 'a2', 'c1', 'a3']);
  });
});

describe.each([
  ['in ack mode', true],
  ['without ack mode', false],
])('a frame with a hostile created_at, %s,', (_name, ackMode) => {
  it.each([[untellable], [7], [null], [[]], ['yesterday'], [{}]])(
    '%j is handled while draining',
    async (created) => {
      const rig = new EngineRig();
      let answerSync = (_: unknown) => {};
      rig.source.next('sync', () => new Promise((resolve) => (answerSync = resolve)));
      await rig.hello(ackMode);
      const hostile = { created_at: created as unknown as string };
      await rig.frame(message(1, 'conv_a', hostile), message(1, 'conv_b'));
      answerSync([]);
      await rig.clock.advance(20_000);
      expect(rig.handled.toSorted()).toEqual(['a1', 'b1']);
    },
  );
});

describe('CATCH-1: without ack mode, no row of the conversation list hides the rows behind it', () => {
  it.each([[untellable], [7], [{}], [[]], [{ toString: 1 }], [deep()]])('a hostile date', async (hostile) => {
    const rig = new EngineRig();
    await rig.hello(false);
    await rig.frame(message(1));
    rig.source.history = [message(1), message(2)];
    const at = '2026-01-01T00:00:30.000Z';
    const bad = { id: 'conv_z', newest_unread_seq: 0, last_message_at: hostile, updated_at: hostile };
    const good = { id: 'conv_a', newest_unread_seq: 2, last_message_at: at, updated_at: at };
    rig.source.list = [bad, { ...bad, last_message_at: null }, good];
    await rig.clock.advance(3 * MINUTE);
    expect(rig.handled).toEqual(['a1', 'a2']);
  });
});
