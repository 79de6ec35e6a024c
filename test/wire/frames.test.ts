import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { framePayload, type ParsedFrame, parseFrame } from '../../src/wire/index.js';
import { junk } from './junk.js';

function problemOf(parsed: ParsedFrame): string {
  return parsed.ok ? 'no problem' : parsed.problem;
}

describe('parseFrame', () => {
  it('reads an object with a type and keeps every other field', () => {
    const parsed = parseFrame('{"type":"message.new","payload":{"id":"msg_1"},"id":"c-1","extra":[1]}');
    expect(parsed).toEqual({
      ok: true,
      frame: { type: 'message.new', payload: { id: 'msg_1' }, id: 'c-1', extra: [1] },
    });
  });

  it('reads events that it does not know', () => {
    expect(parseFrame('{"type":"sparkle"}')).toEqual({ ok: true, frame: { type: 'sparkle' } });
    expect(parseFrame('{"type":""}').ok).toBe(true);
  });

  it.each([
    ['text that is no JSON', '{"type":', 'not JSON (8 characters)'],
    ['an empty text', '', 'not JSON (0 characters)'],
    ['null', 'null', 'null instead of an object'],
    ['an array', '[{"type":"message.new"}]', 'an array instead of an object'],
    ['a number', '7', 'a number instead of an object'],
    ['a string', '"message.new"', 'a string instead of an object'],
    ['an object without a type', '{"payload":{}}', 'no "type"'],
    ['a type that is no string', '{"type":1}', '"type" is not a string'],
    ['a type that is null', '{"type":null}', '"type" is not a string'],
    ['binary data', new Uint8Array([123, 125]), 'not a text frame'],
    ['an ArrayBuffer', new ArrayBuffer(2), 'not a text frame'],
    ['nothing', undefined, 'not a text frame'],
  ])('says what is wrong with %s', (_, data, problem) => {
    expect(problemOf(parseFrame(data))).toBe(problem);
  });

  it('does not quote the data: it may hold a secret', () => {
    expect(problemOf(parseFrame('ac_live_secret'))).not.toContain('secret');
  });

  it('does not let "__proto__" change anything', () => {
    const parsed = parseFrame('{"__proto__":{"type":"message.new"}}');
    expect(problemOf(parsed)).toBe('no "type"');
    expect(({} as { type?: unknown }).type).toBeUndefined();
  });

  it('survives a hundred thousand brackets', () => {
    expect(parseFrame('['.repeat(100_000)).ok).toBe(false);
    expect(parseFrame(`{"type":"x","payload":${'['.repeat(5_000)}${']'.repeat(5_000)}}`).ok).toBe(true);
  });

  it('is total: any string and any value gets an answer', () => {
    fc.assert(
      fc.property(fc.oneof(junk, fc.string(), fc.json()), (data) => {
        const parsed = parseFrame(data);
        if (parsed.ok) {
          expect(typeof parsed.frame.type).toBe('string');
          framePayload(parsed.frame);
        } else expect(parsed.problem).not.toBe('');
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('framePayload', () => {
  it('takes "payload", or "message" where a server calls it that', () => {
    expect(framePayload({ type: 'message.new', payload: 1, message: 2 })).toBe(1);
    expect(framePayload({ type: 'message.new', message: 2 })).toBe(2);
    expect(framePayload({ type: 'message.new', payload: null, message: 2 })).toBe(2);
    expect(framePayload({ type: 'message.new' })).toBeUndefined();
  });
});
