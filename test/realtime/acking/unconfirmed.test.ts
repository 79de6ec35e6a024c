import { describe, expect, it } from 'vitest';
import { Unconfirmed } from '../../../src/realtime/acking/cursor-acks.js';

describe('ACK-2: rows whose cursor is on its way', () => {
  it('are told once, oldest first, whether a request covers them or not', () => {
    const rows = new Unconfirmed();
    rows.add('conv_a', 'a1');
    rows.add('conv_b', 'b1');
    rows.ask();
    rows.add('conv_a', 'a2');
    rows.ask();
    rows.add('conv_a', 'a3');
    expect(rows.take('conv_a')).toEqual(['a1', 'a2', 'a3']);
    expect(rows.take('conv_a')).toEqual([]);
    expect(rows.take('conv_b')).toEqual(['b1']);
  });

  it('are forgotten with the answer to the request that covers them, and not before', () => {
    const rows = new Unconfirmed();
    rows.add('conv_a', 'a1');
    rows.ask();
    rows.add('conv_a', 'a2');
    rows.confirm();
    expect(rows.take('conv_a')).toEqual(['a2']);
  });

  it('are bounded, and room comes back with confirmations and with what is taken', () => {
    const rows = new Unconfirmed(2);
    expect(rows.add('conv_a', 'a1')).toBe(true);
    expect(rows.add('conv_b', 'b1')).toBe(true);
    expect(rows.add('conv_a', 'a2')).toBe(false);
    rows.take('conv_a');
    expect(rows.add('conv_a', 'a2')).toBe(true);
    rows.ask();
    rows.confirm();
    expect(rows.add('conv_a', 'a3')).toBe(true);
    expect(rows.add('conv_a', 'a4')).toBe(true);
    expect(rows.add('conv_a', 'a5')).toBe(false);
  });
});
