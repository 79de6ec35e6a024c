import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpoints, findProblems } from '../../src/wire/index.js';
import { isPlainSend } from '../../src/wire/plain-send.js';

const { body } = endpoints.sendMessage;
const plain = { to: 'alice', client_msg_id: 'm-1', content: { text: 'hi' } };

describe('isPlainSend', () => {
  it('knows what most sends are like', () => {
    expect(isPlainSend(plain)).toBe(true);
    const { to, ...rest } = plain;
    expect(isPlainSend({ ...rest, conversation_id: 'grp_1' })).toBe(true);
    expect(isPlainSend({ ...plain, conversation_id: undefined })).toBe(true);
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an array', [plain]],
    ['both addresses', { ...plain, conversation_id: 'grp_1' }],
    ['no address', { ...plain, to: undefined }],
    ['a direct conversation', { ...plain, to: undefined, conversation_id: 'conv_1' }],
    ['no handle', { ...plain, to: 'Alice!' }],
    ['no id', { ...plain, client_msg_id: '' }],
    ['a long id', { ...plain, client_msg_id: 'x'.repeat(129) }],
    ['no text', { ...plain, content: { text: '' } }],
    ['data beside the text', { ...plain, content: { text: 'hi', data: 7 } }],
    ['metadata', { ...plain, metadata: 7 }],
    ['a type', { ...plain, type: 'system' }],
  ])('is in doubt about %s', (_, request) => expect(isPlainSend(request)).toBe(false));

  it('says yes to nothing that the schema refuses', () => {
    if (body.kind !== 'json') throw new Error('a send is JSON');
    const { schema } = body;
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('hi', '', ' ', 'alice', '@Bob', 'grp_1', 'conv_1', 'a--b'),
    );
    const odd = fc.oneof(text, fc.constantFrom(undefined, null, 7, true, [], {}));
    const mostly = <T>(...usual: T[]) => fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, odd);
    const usual = fc.record({
      to: mostly('alice', 'bob-2', undefined),
      conversation_id: mostly('grp_1', undefined),
      client_msg_id: fc.oneof(fc.string({ minLength: 1, maxLength: 140 }), odd),
      content: fc.oneof(
        fc.record({ text: fc.string() }),
        fc.record({ text: odd, data: odd, attachment_id: odd }, { requiredKeys: [] }),
        odd,
      ),
    });
    const more = fc.oneof(
      fc.constant({}),
      fc.record({ metadata: odd, type: odd, unknown: odd }, { requiredKeys: [] }),
    );
    const request = fc.tuple(usual, more).map(([first, second]) => ({ ...first, ...second }));
    let yes = 0;
    fc.assert(
      fc.property(request, (value) => {
        if (!isPlainSend(value)) return;
        yes += 1;
        expect(findProblems(schema, value)).toEqual([]);
      }),
      { numRuns: 20_000 },
    );
    expect(yes).toBeGreaterThan(500);
  });
});
