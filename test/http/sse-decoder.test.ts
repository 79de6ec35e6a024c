import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, FrameTooLarge, NdjsonDecoder, SseDecoder } from '../../src/http/index.js';

const bytes = (text: string) => new TextEncoder().encode(text);

function decode(body: Uint8Array, cuts: readonly number[] = [], limit?: number): Frame[] {
  const decoder = new SseDecoder(limit);
  const frames: Frame[] = [];
  let from = 0;
  for (const to of [...cuts, body.length]) {
    frames.push(...decoder.add(body.subarray(from, to)));
    from = to;
  }
  frames.push(...decoder.end());
  return frames;
}

const everyByte = (body: Uint8Array) => Array.from({ length: body.length }, (_, at) => at);

describe('SseDecoder', () => {
  const cases: readonly [string, string, readonly Partial<Frame>[]][] = [
    ['LF', 'data: a\n\ndata: b\n\n', [{ data: 'a' }, { data: 'b' }]],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', [{ data: 'a' }, { data: 'b' }]],
    ['CR', 'data: a\r\rdata: b\r\r', [{ data: 'a' }, { data: 'b' }]],
    [
      'all line ends mixed',
      'data: a\r\n\ndata: b\r\r\ndata: c\n\r',
      [{ data: 'a' }, { data: 'b' }, { data: 'c' }],
    ],
    ['several data lines', 'data: a\ndata:  b\ndata\ndata: c\n\n', [{ data: 'a\n b\n\nc' }]],
    ['no space after the colon', 'event:x\ndata:a\n\n', [{ event: 'x', data: 'a' }]],
    ['comments', ': hi\n\n:\ndata: a\n: in between\ndata: b\n\n', [{ data: 'a\nb' }]],
    ['an event without data', 'event: x\n\ndata: a\n\n', [{ event: undefined, data: 'a' }]],
    ['fields that nobody knows', 'id: 1\nretry: soon\nfoo: bar\ndata: a\n\n', [{ data: 'a' }]],
    ['a byte order mark', '\ufeffdata: a\n\n', [{ data: 'a' }]],
    ['characters of up to four bytes', 'data: ä€😀\n\n', [{ data: 'ä€😀' }]],
    ['empty data', 'data:\n\n', [{ data: '' }]],
    ['nothing', '', []],
    ['comments alone', ': a\n\n: b\n\n', []],
  ];

  it.each(cases)('reads %s, wherever it is cut', (_name, text, expected) => {
    const body = bytes(text);
    const frames = decode(body);
    expect(frames).toMatchObject(expected.map((frame) => ({ ...frame, complete: true })));
    expect(frames).toHaveLength(expected.length);
    expect(decode(body, everyByte(body))).toEqual(frames);
  });

  it.each([
    ['within a line', 'data: a\n\ndata: b'],
    ['after a line', 'data: a\n\ndata: b\n'],
    ['after a carriage return', 'data: a\r\rdata: b\r'],
  ])('gives out a last frame without a blank line, marked, that stops %s', (_name, text) => {
    const body = bytes(text);
    const expected = [
      { data: 'a', complete: true },
      { data: 'b', complete: false },
    ];
    expect(decode(body)).toMatchObject(expected);
    expect(decode(body, everyByte(body))).toMatchObject(expected);
  });

  it('gives out a frame at once, also when its lines end in carriage returns alone', () => {
    const decoder = new SseDecoder();
    expect(decoder.add(bytes('data: a\r\r'))).toMatchObject([{ data: 'a', complete: true }]);
    expect(decoder.add(bytes('\ndata: b\r'))).toEqual([]);
    expect(decoder.add(bytes('\n\r\n'))).toMatchObject([{ data: 'b' }]);
  });

  it('replaces half a character at the end of the body', () => {
    expect(decode(bytes('data: é').subarray(0, -1))).toMatchObject([{ data: '\ufffd', complete: false }]);
  });

  it.each([
    ['one line', (n: number) => `data: ${'x'.repeat(n)}`],
    ['many lines', (n: number) => 'data: xxxxxxxxx\n'.repeat(n / 10)],
    ['a whole frame', (n: number) => `data: ${'x'.repeat(n)}\n\n`],
    ['a comment without end', (n: number) => `:${'x'.repeat(n)}`],
  ])('refuses a frame beyond the limit: %s', (_name, make) => {
    const body = bytes(make(2_000));
    expect(() => decode(body, [], 1_000)).toThrow(FrameTooLarge);
    expect(() => decode(body, everyByte(body), 1_000)).toThrow(FrameTooLarge);
    expect(() => decode(bytes(make(900)), [], 1_000)).not.toThrow();
  });

  it('does not count what came before: frames, and comments', () => {
    const body = bytes(`data: ${'x'.repeat(90)}\n\n: ${'y'.repeat(90)}\n`.repeat(50));
    expect(decode(body, everyByte(body), 100)).toHaveLength(50);
  });

  it('reads any frames back, cut anywhere, with any line ends', () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replace(/[\r\n\0\ufeff]/g, ''));
    const frame = fc.record({
      lines: fc.array(line, { minLength: 1, maxLength: 3 }),
      end: fc.constantFrom('\n', '\r', '\r\n'),
    });
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 5 }),
        fc.array(fc.nat(400), { maxLength: 8 }),
        (frames, cuts) => {
          const text = frames
            .map(({ lines, end }) => lines.map((one) => `data: ${one}${end}`).join('') + end)
            .join('');
          const body = bytes(text);
          const sorted = cuts.map((cut) => Math.min(cut, body.length)).sort((a, b) => a - b);
          expect(decode(body, sorted)).toEqual(
            frames.map(({ lines }) => ({ event: undefined, data: lines.join('\n'), complete: true })),
          );
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('NdjsonDecoder', () => {
  const read = (chunks: readonly string[], limit?: number) => {
    const decoder = new NdjsonDecoder(limit);
    return [...chunks.flatMap((chunk) => decoder.add(bytes(chunk))), ...decoder.end()];
  };

  it('gives a frame for each line, wherever they are cut', () => {
    const frames = [
      { event: undefined, data: '{"a":1}', complete: true },
      { event: undefined, data: '{"b":2}', complete: true },
      { event: undefined, data: '{"c":3}', complete: false },
    ];
    const text = '\ufeff{"a":1}\n\n{"b":2}\r\n  \n{"c":3}';
    expect(read([text])).toEqual(frames);
    expect(read([...text])).toEqual(frames);
  });

  it('refuses a line beyond the limit', () => {
    expect(() => read(['x'.repeat(600), 'x'.repeat(600)], 1_000)).toThrow(FrameTooLarge);
    expect(read(['x'.repeat(900), '\n', 'x'.repeat(900)], 1_000)).toHaveLength(2);
  });
});
