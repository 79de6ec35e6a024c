import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkJoiner } from '../../../src/platforms/sonzai/chat/chunk-joiner.js';

const piece = (index: number, total: number, data: string) => ({ __chunk: { index, total }, data });

describe('frames that come in pieces', () => {
  it('are joined by their index, in whatever order they come, counted from any number', () => {
    const texts = fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(texts, fc.boolean(), fc.infiniteStream(fc.nat()), (data, isFromOne, chance) => {
        const first = isFromOne ? 1 : 0;
        const pieces = data.map((text, at) => ({
          sort: chance.next().value,
          piece: piece(at + first, data.length, text),
        }));
        pieces.sort((one, other) => one.sort - other.sort);
        const joiner = new ChunkJoiner();
        const states = pieces.map((each) => joiner.take(each.piece));
        expect(states.pop()).toEqual({ state: 'joined', text: data.join('') });
        expect(states.every(({ state }) => state === 'waiting')).toBe(true);
      }),
    );
  });

  it('leave frames between them alone, and may come twice in one stream', () => {
    const joiner = new ChunkJoiner();
    expect(joiner.take(piece(0, 2, '{"a":'))).toEqual({ state: 'waiting' });
    expect(joiner.take({ choices: [] })).toEqual({ state: 'whole' });
    expect(joiner.take(piece(1, 2, '1}'))).toEqual({ state: 'joined', text: '{"a":1}' });
    expect(joiner.take(piece(0, 1, 'x'))).toEqual({ state: 'joined', text: 'x' });
  });

  it('begin anew when a piece does not belong to those before it', () => {
    const joiner = new ChunkJoiner();
    joiner.take(piece(0, 2, 'lost'));
    joiner.take(piece(0, 2, 'a'));
    expect(joiner.take(piece(1, 2, 'b'))).toEqual({ state: 'joined', text: 'ab' });
    joiner.take(piece(0, 3, 'lost'));
    joiner.take(piece(0, 2, 'c'));
    expect(joiner.take(piece(1, 2, 'd'))).toEqual({ state: 'joined', text: 'cd' });
  });

  it.each([
    { __chunk: {}, data: 'x' },
    { __chunk: { index: -1, total: 2 }, data: 'x' },
    { __chunk: { index: 0, total: 0 }, data: 'x' },
    { __chunk: { index: 0.5, total: 2 }, data: 'x' },
    { __chunk: { index: 0, total: 1 } },
    { __chunk: { index: 0, total: 1 }, data: { not: 'text' } },
  ])('are nothing when they cannot be read: %j', (frame) => {
    expect(new ChunkJoiner().take(frame)).toEqual({ state: 'waiting' });
  });

  it('are given up when they are longer together than a frame may be', () => {
    const joiner = new ChunkJoiner();
    const data = 'x'.repeat(4 * 1024 * 1024);
    const states = Array.from({ length: 5 }, (_, index) => joiner.take(piece(index, 100, data)).state);
    expect(states).toEqual(['waiting', 'waiting', 'waiting', 'waiting', 'too_long']);
  });
});
