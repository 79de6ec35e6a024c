import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../../src/errors/index.js';
import { replyId } from '../../src/rest/reply-id.js';

describe('replyId', () => {
  it('depends on nothing but the message and the number', () => {
    expect(replyId({ id: 'msg_BPF4BzPS9l6zwS9V' })).toBe('reply_0_msg_BPF4BzPS9l6zwS9V');
    expect(replyId('msg_BPF4BzPS9l6zwS9V')).toBe(replyId({ id: 'msg_BPF4BzPS9l6zwS9V' }));
    expect(replyId({ id: 'msg_BPF4BzPS9l6zwS9V' }, 7)).toBe('reply_7_msg_BPF4BzPS9l6zwS9V');
    // Pinned: a bot that is upgraded in the middle of an answer must not answer twice.
    expect(replyId('x'.repeat(500), 1)).toBe(
      'replyhash_1_a450bbfd09907f482ffc38765c232e9760c763313e51daa64e221756f3acac6c',
    );
  });

  it('is a legal client_msg_id whatever the id', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ minLength: 1, maxLength: 400, unit: 'binary' }), fc.string({ minLength: 1 })),
        fc.maxSafeNat(),
        (id, n) => {
          const made = replyId({ id }, n);
          expect(made).toMatch(/^[\x21-\x7e]{1,128}$/);
          expect(replyId(id, n)).toBe(made);
        },
      ),
    );
  });

  it('never gives two pairs one id', () => {
    const seen = new Map<string, string>();
    const ids = [
      'a',
      '_a',
      '1_a',
      '0_a',
      'sha',
      'é',
      'e\u0301',
      '\ud800',
      '\ud801',
      ' ',
      'a ',
      'x'.repeat(128),
      'x'.repeat(129),
    ];
    // What the two spellings look like, as ids of messages.
    ids.push(replyId('a'), replyId('x'.repeat(500)), replyId('é'), replyId('é').slice('replyhash_0_'.length));
    for (const id of ids) {
      for (const n of [0, 1, 10, 11, 2 ** 53 - 1]) {
        const made = replyId(id, n);
        expect(seen.get(made), `${JSON.stringify(id)}, ${n}`).toBeUndefined();
        seen.set(made, id);
      }
    }
    fc.assert(
      fc.property(fc.string(), fc.nat(20), fc.string(), fc.nat(20), (id1, n1, id2, n2) => {
        fc.pre(id1 !== '' && id2 !== '' && (id1 !== id2 || n1 !== n2));
        expect(replyId(id1, n1)).not.toBe(replyId(id2, n2));
      }),
    );
  });

  it.each([undefined, null, '', {}, { id: '' }, { id: 5 }, 7])('refuses %j as a message', (message) => {
    expect(() => replyId(message as never)).toThrow(ValidationError);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, '1', null])(
    'refuses %j as a number',
    (n) => {
      expect(() => replyId('msg_1', n as never)).toThrow(ValidationError);
    },
  );
});
