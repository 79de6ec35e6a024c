import fc from 'fast-check';

/** Nested so deep that anything recursive runs out of stack. */
function deep(levels: number): unknown {
  let value: unknown = 'bottom';
  for (let level = 0; level < levels; level += 1) value = level % 2 === 0 ? [value] : { message: value };
  return value;
}

/** What JSON can hold, what it cannot, and what somebody would send on purpose. */
export const junk: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 5 }),
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withTypedArray: true,
    withUnicodeString: true,
  }),
  fc.constantFrom<unknown>(
    JSON.parse('{"__proto__": {"id": "m", "type": "x"}, "constructor": {"prototype": 1}}'),
    JSON.parse('{"id": "m", "conversation_id": "c", "sender": "__proto__", "content": {"__proto__": []}}'),
    JSON.parse('{"type": "message.new", "payload": {"__proto__": null, "seq": 1e400}}'),
    deep(2_000),
    new Proxy({}, {}),
    () => undefined,
    Symbol('junk'),
    -0,
    1e308,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    '\ud800',
    new Uint8Array([123, 125]),
  ),
);

/** Objects that have the right keys with the wrong values, and sometimes the right ones. */
export function nearly(keys: readonly string[]): fc.Arbitrary<unknown> {
  const values = fc.oneof(
    junk,
    fc.string(),
    fc.constant('msg_1'),
    fc.record({ text: fc.string() }),
    fc.nat(),
  );
  return fc.dictionary(fc.constantFrom(...keys), values, { maxKeys: keys.length });
}
