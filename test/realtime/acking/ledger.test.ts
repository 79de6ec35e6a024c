import { describe, expect, it } from 'vitest';
import { Ledger } from '../../../src/realtime/acking/cursor-acks.js';
import { forSeeds } from '../order/dice.js';

function ledger(): { ledger: Ledger; cursors: string[] } {
  const cursors: string[] = [];
  return { ledger: new Ledger((cursor) => cursors.push(cursor)), cursors };
}

describe('ACK-2: the positional cursor', () => {
  it('reaches the end of the contiguous handled prefix, and no further', () => {
    const { ledger: rows, cursors } = ledger();
    for (const id of ['a', 'b', 'c', 'd']) rows.add(id, `del_${id}`);
    expect(rows.handled('b')).toBe('behind');
    expect(rows.handled('d')).toBe('behind');
    expect(cursors).toEqual([]);
    expect(rows.handled('a')).toBe('covered');
    expect(cursors).toEqual(['del_b']);
    expect(rows.handled('c')).toBe('covered');
    expect(cursors).toEqual(['del_b', 'del_d']);
    expect(rows.pending).toBe(0);
  });

  it('covers rows without a cursor by the next one that has one', () => {
    const { ledger: rows, cursors } = ledger();
    rows.add('a', null);
    rows.add('b', '');
    rows.add('c', 'del_c');
    rows.handled('a');
    rows.handled('b');
    expect(cursors).toEqual([]);
    rows.handled('c');
    expect(cursors).toEqual(['del_c']);
  });

  it('leaves one without a cursor, and without a handled one behind it that has one, to other ways', () => {
    const { ledger: rows, cursors } = ledger();
    rows.add('a', 'del_a');
    rows.add('b', null);
    rows.addMalformed();
    rows.add('c', 'del_c');
    expect(rows.handled('a')).toBe('covered');
    expect(rows.handled('b')).toBe('behind');
    expect(rows.handled('c')).toBe('behind');
    expect(cursors).toEqual(['del_a']);
  });

  it('means the first place at which a cursor is listed', () => {
    const { ledger: rows, cursors } = ledger();
    rows.add('a', 'del_a');
    rows.add('b', 'del_b');
    rows.add('a', 'del_a');
    rows.addMalformed();
    rows.handled('a');
    expect(rows.handled('b')).toBe('covered');
    expect(cursors).toEqual(['del_a', 'del_b']);
  });

  it('never passes a malformed row', () => {
    const { ledger: rows, cursors } = ledger();
    rows.add('a', 'del_a');
    rows.addMalformed();
    rows.add('c', 'del_c');
    rows.handled('c');
    rows.handled('a');
    expect(cursors).toEqual(['del_a']);
  });

  it('knows nothing of other messages, and of none twice', () => {
    const { ledger: rows, cursors } = ledger();
    rows.add('a', 'del_a');
    expect(rows.handled('x')).toBe('unknown');
    expect(rows.handled('a')).toBe('covered');
    expect(rows.handled('a')).toBe('unknown');
    expect(cursors).toEqual(['del_a']);
  });

  it('takes a row that is listed twice for one message', () => {
    const { ledger: rows, cursors } = ledger();
    rows.add('a', 'del_1');
    rows.add('a', 'del_2');
    rows.add('b', 'del_3');
    expect(rows.pending).toBe(2);
    rows.handled('a');
    expect(cursors).toEqual(['del_2']);
    rows.handled('b');
    expect(cursors).toEqual(['del_2', 'del_3']);
  });

  it('never covers an unhandled row, and in the end covers all before the first malformed one, seeded', () => {
    let rounds = 0;
    forSeeds(500, (dice) => {
      rounds += 1;
      const cursors: string[] = [];
      const handled = new Set<string>();
      const rows: { id: string; cursor: string | null; malformed: boolean }[] = [];
      const open: string[] = [];
      const book = new Ledger((cursor) => {
        cursors.push(cursor);
        const at = rows.findIndex((row) => row.cursor === cursor);
        for (const row of rows.slice(0, at + 1)) {
          if (row.malformed || !handled.has(row.id)) throw new Error(`ACK-2: ${cursor} passes ${row.id}`);
        }
      });
      const addSome = () => {
        for (let n = dice.int(0, 8); n > 0; n -= 1) {
          const id = dice.chance(0.1) ? (rows[0]?.id ?? 'm0') : `m${rows.length}`;
          const cursor = dice.chance(0.2) ? null : `del_${rows.length}`;
          const malformed = dice.chance(0.03);
          rows.push({ id, cursor, malformed });
          if (malformed) book.addMalformed();
          else if (handled.has(id)) {
            book.add(id, cursor);
            book.handled(id);
          } else {
            book.add(id, cursor);
            if (!open.includes(id)) open.push(id);
          }
        }
      };
      const finishOne = () => {
        const [id] = open.splice(dice.int(0, Math.max(0, open.length - 1)), 1);
        if (id === undefined) return;
        handled.add(id);
        book.handled(id);
      };
      for (let round = 0; round < 20; round += 1) dice.pick(addSome, finishOne, finishOne)();
      while (open.length > 0) finishOne();
      const firstBad = rows.findIndex(({ malformed }) => malformed);
      const covered = rows.slice(0, firstBad < 0 ? rows.length : firstBad);
      const last = covered.findLast(({ cursor }) => cursor !== null)?.cursor ?? undefined;
      if (cursors.at(-1) !== last) throw new Error(`covers ${cursors.at(-1)} of ${last}`);
    });
    expect(rounds).toBe(500);
  });

  it('BP-1 lists so many rows behind an unhandled one, and leaves the rest to other ways', () => {
    const cursors: string[] = [];
    const rows = new Ledger((cursor) => cursors.push(cursor), 3);
    for (const id of ['a', 'b', 'c', 'd']) rows.add(id, `del_${id}`);
    rows.addMalformed();
    expect(rows.pending).toBe(3);
    expect(rows.handled('d')).toBe('unknown');
    expect(rows.handled('a')).toBe('covered');
    // There is room again; but a cursor behind "d" would cover "d".
    rows.add('e', 'del_e');
    expect(rows.handled('e')).toBe('unknown');
    rows.handled('c');
    rows.handled('b');
    expect(cursors).toEqual(['del_a', 'del_c']);
    expect(rows.pending).toBe(0);
  });

  it('BP-1 forgets rows that are over, however long the queue', () => {
    const { ledger: rows, cursors } = ledger();
    for (let n = 0; n < 25_000; n += 1) {
      rows.add(`m${n}`, `del_${n}`);
      if (n > 0) rows.handled(`m${n - 1}`);
    }
    expect(cursors.at(-1)).toBe('del_24998');
    expect(rows.pending).toBe(1);
  });

  it('tells when few enough rows wait for their handlers', async () => {
    const { ledger: rows } = ledger();
    for (const id of ['a', 'b', 'c']) rows.add(id, null);
    let below = false;
    void rows.whenBelow(2).then(() => {
      below = true;
    });
    rows.handled('c');
    await Promise.resolve();
    expect(below).toBe(false);
    rows.handled('b');
    await Promise.resolve();
    expect(below).toBe(true);
    await rows.whenBelow(2);
  });
});
