import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSyncPage, syncRowProblem } from '../../src/wire/index.js';
import { junk, nearly } from './junk.js';

const row = { id: 'msg_1', conversation_id: 'conv_1', delivery_id: 'del_1', sender: 'alice', seq: 1 };

function rowsOf(body: unknown): readonly unknown[] {
  const page = readSyncPage(body);
  if (!page.ok) throw new Error(page.problem);
  return page.rows;
}

describe('readSyncPage', () => {
  it('reads an array of rows as it is', () => {
    const body = [row, { ...row, id: 'msg_2', delivery_id: null }];
    expect(rowsOf(body)).toBe(body);
    expect(rowsOf([])).toEqual([]);
  });

  it('unwraps { envelopes } with numeric cursors', () => {
    const body = { envelopes: [{ delivery_id: 17, message: { id: 'msg_1', conversation_id: 'conv_1' } }] };
    expect(rowsOf(body)).toEqual([{ id: 'msg_1', conversation_id: 'conv_1', delivery_id: '17' }]);
  });

  it('unwraps { messages, has_more }', () => {
    const body = {
      messages: [
        { delivery_id: 'del_1', message: { id: 'msg_1', conversation_id: 'conv_1', colour: 'red' } },
        { delivery_id: null, message: { id: 'msg_2', conversation_id: 'conv_1' } },
      ],
      has_more: true,
    };
    expect(rowsOf(body)).toEqual([
      { id: 'msg_1', conversation_id: 'conv_1', colour: 'red', delivery_id: 'del_1' },
      { id: 'msg_2', conversation_id: 'conv_1', delivery_id: null },
    ]);
  });

  it('takes flat rows inside a wrapper, and a cursor inside the message', () => {
    expect(rowsOf({ messages: [row] })).toEqual([row]);
    expect(rowsOf({ envelopes: [{ message: row }] })).toEqual([row]);
  });

  it('leaves rows that are no envelopes to syncRowProblem', () => {
    const rows = rowsOf({
      envelopes: [null, 7, { delivery_id: 1.5, message: row }, { message: { id: 'm' } }],
    });
    expect(rows.map(syncRowProblem)).toEqual([
      'null instead of a row',
      'a number instead of a row',
      '"delivery_id" is not a string or null',
      '"conversation_id" is not a non-empty string',
    ]);
  });

  it.each([
    ['an unknown object', {}, 'got an object without "envelopes" or "messages"'],
    ['an error body', { code: 'INTERNAL_ERROR', message: 'oops' }, 'got an object without'],
    ['a wrapper around something else', { messages: 'none' }, 'got an object without'],
    ['null', null, 'got null'],
    ['nothing', undefined, 'got nothing'],
    ['a text', '<html>', 'got a string'],
  ])('never takes %s for an empty queue', (_, body, problem) => {
    const page = readSyncPage(body);
    expect(page.ok ? 'rows' : page.problem).toContain(problem);
  });

  it('does not let "__proto__" in an envelope change the row', () => {
    const [unwrapped] = rowsOf(
      JSON.parse(
        '{"envelopes":[{"delivery_id":1,"message":{"__proto__":{"id":"m","conversation_id":"c"}}}]}',
      ),
    );
    expect(syncRowProblem(unwrapped)).toBe('"id" is not a non-empty string');
  });

  it('is total, and gives rows only for the three shapes', () => {
    const wrapper = nearly(['envelopes', 'messages', 'delivery_id', 'message', 'has_more']);
    const item = fc.oneof(junk, nearly(['delivery_id', 'message', 'id', 'conversation_id']));
    const body = fc.oneof(junk, wrapper, fc.array(item), fc.record({ envelopes: fc.array(item) }));
    fc.assert(
      fc.property(body, (value) => {
        const page = readSyncPage(value);
        if (!page.ok) {
          expect(page.problem).not.toBe('');
          return;
        }
        const { envelopes, messages } = (Array.isArray(value) ? {} : value) as Record<string, unknown>;
        expect(Array.isArray(value) || Array.isArray(envelopes) || Array.isArray(messages)).toBe(true);
        for (const each of page.rows) expect(() => syncRowProblem(each)).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('syncRowProblem', () => {
  it.each([
    ['the least that is promised', { id: 'msg_1', conversation_id: 'conv_1', delivery_id: null }],
    ['a full row', { ...row, type: 'text', content: { text: 'hi' }, created_at: '2026-07-12T18:04:11.482Z' }],
    ['unknown fields', { ...row, colour: 'red' }],
    ['a row with an unusable seq', { ...row, seq: 2 ** 53 }],
  ])('accepts %s', (_, value) => {
    expect(syncRowProblem(value)).toBeNull();
  });

  it.each([
    ['id', 7],
    ['id', ''],
    ['conversation_id', undefined],
    ['delivery_id', undefined],
    ['delivery_id', 7],
    ['sender', 7],
    ['sender', null],
    ['sender_handle', {}],
    ['type', 1],
    ['created_at', 1_700_000_000],
    ['content', 'hi'],
    ['content', null],
    ['content', []],
  ])('refuses %s: %j and names it', (field, value) => {
    expect(syncRowProblem({ ...row, [field]: value })).toContain(`"${field}"`);
  });
});
