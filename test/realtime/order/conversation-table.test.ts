import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Conversation } from '../../../src/realtime/order/conversation.js';
import { ConversationTable } from '../../../src/realtime/order/conversations.js';

const contents = (table: ConversationTable) =>
  Array.from({ length: table.places }, (_, place) => table.at(place))
    .filter((conversation) => conversation !== null)
    .map((conversation) => [conversation.id, conversation] as const)
    .sort();

describe('ORD-2: the table of conversations', () => {
  it('does what a Map does, whatever is added and deleted', () => {
    // Few ids, so that they meet again and fall into each other's places.
    const id = fc.nat({ max: 60 }).map((n) => `conv_${n}`);
    const change = fc.record({ id, add: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 300 }), fc.nat(), (changes, seed) => {
        const table = new ConversationTable(seed);
        const model = new Map<string, Conversation>();
        for (const { id, add } of changes) {
          if (!add) {
            table.delete(id);
            model.delete(id);
          } else if (!model.has(id)) {
            const conversation = new Conversation(id);
            table.add(conversation);
            model.set(id, conversation);
          }
          expect(table.size).toBe(model.size);
          expect(table.get(id)).toBe(model.get(id));
        }
        for (const [id, conversation] of model) expect(table.get(id)).toBe(conversation);
        expect(contents(table)).toEqual([...model].sort());
      }),
      { numRuns: 300 },
    );
  });

  it('tells ids apart that have the same hash', () => {
    // In a table of sixteen slots that never grows, every id is in somebody's way.
    const table = new ConversationTable(1);
    const ids = Array.from({ length: 12 }, (_, n) => `${n}`.repeat(n + 1));
    for (let round = 0; round < 50; round += 1) {
      const records = ids.map((id) => new Conversation(id));
      for (const record of records) table.add(record);
      expect(ids.map((id) => table.get(id))).toEqual(records);
      expect(table.get('somebody else')).toBeUndefined();
      for (const id of round % 2 === 0 ? ids : ids.toReversed()) {
        table.delete(id);
        expect(table.get(id)).toBeUndefined();
      }
      expect(table.size).toBe(0);
    }
    expect(table.places).toBe(12);
  });

  it('takes any text for an id: empty, long, and beyond ASCII', () => {
    const table = new ConversationTable();
    const ids = ['', 'x'.repeat(100_000), 'грп_1', '\u{1F600}', '\ud800', '__proto__', 'constructor'];
    const records = ids.map((id) => new Conversation(id));
    for (const record of records) table.add(record);
    expect(ids.map((id) => table.get(id))).toEqual(records);
    expect(table.get('toString')).toBeUndefined();
  });

  it('uses places again: a hundred thousand that come and go take no more than those that stay', () => {
    const table = new ConversationTable();
    for (let n = 0; n < 100_000; n += 1) {
      table.add(new Conversation(`conv_${n}`));
      if (n >= 10) table.delete(`conv_${n - 10}`);
    }
    expect(table.size).toBe(10);
    expect(table.places).toBe(11);
  });
});
