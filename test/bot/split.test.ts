import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonBytes } from '../../src/bot/replies/json-bytes.js';
import { splitText } from '../../src/bot/replies/split.js';
import { ValidationError } from '../../src/errors/index.js';

const bytesOf = (text: string) => Buffer.byteLength(JSON.stringify(text));

/** Pieces that make trouble: fences of all kinds, line ends, clusters, half pairs, escapes. */
const piece = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z]{1,12}$/) },
  { weight: 4, arbitrary: fc.constantFrom(' ', '\n', '\n\n', '. ', '\r\n', '\r', '\t', '   ') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '\n```\n',
      '\n```ts\n',
      '\n~~~\n',
      '\n````md x\n',
      '\n   ```\n',
      '```',
      '\n~~~~',
    ),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      '👨‍👩‍👧‍👦',
      'é',
      '🇩🇪🇫🇷',
      '\ud800',
      '\udc00',
      '"',
      '\\',
      '\u0000',
      '。',
      '漢字',
      ').',
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom('x'.repeat(60), ' '.repeat(60), '`'.repeat(30), '\n'.repeat(20)) },
);
const texts = fc.array(piece, { maxLength: 120 }).map((pieces) => pieces.join(''));

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** Whether a text holds no half of a surrogate pair. */
const isWhole = (text: string) => !/\p{Surrogate}/u.test(text);

/** What a text says, without white space. */
const bare = (text: string) => text.replace(/\s+/g, '');

/** Whether the parts say what the text says, when the fences that were added around cuts are taken away. */
function saysTheSame(text: string, parts: readonly string[]): boolean {
  const whole = bare(text);
  let reached = new Set([0]);
  for (const part of parts) {
    const lines = part.split('\n');
    const opens = FENCE.test(lines[0] ?? '');
    const closes = lines.length > 1 && FENCE.test(lines.at(-1) ?? '');
    const readings = new Set([part]);
    if (opens) readings.add(lines.slice(1).join('\n'));
    if (closes) readings.add(lines.slice(0, -1).join('\n'));
    if (opens && closes) readings.add(lines.slice(1, -1).join('\n'));
    const next = new Set<number>();
    for (const from of reached) {
      for (const reading of readings) {
        const said = bare(reading);
        if (whole.startsWith(said, from)) next.add(from + said.length);
      }
    }
    reached = next;
  }
  return reached.has(whole.length);
}

/** The fence that is open at the end of a text, read line by line; null when there is none. */
function openFence(text: string): string | null {
  let open: string | null = null;
  for (const line of text.split('\n')) {
    const [, run = ''] = FENCE.exec(line) ?? [];
    const rest = line.trim().slice(run.length).trim();
    if (run === '') continue;
    if (open === null) open = run[0] === '`' && rest.includes('`') ? null : run;
    else if (run[0] === open[0] && run.length >= open.length && rest === '') open = null;
  }
  return open;
}

describe('jsonBytes', () => {
  it('counts what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: 'binary' })), (text) => {
        expect(jsonBytes(text)).toBe(bytesOf(text));
      }),
    );
  });
});

describe('splitText', () => {
  it('makes parts that fit, that say something, and that say together what the text says', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 8, max: 400 }), (text, maxBytes) => {
        const parts = splitText(text, maxBytes);
        for (const part of parts) {
          expect(bytesOf(part)).toBeLessThanOrEqual(maxBytes);
          expect(part.trim()).not.toBe('');
        }
        expect(saysTheSame(text, parts)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('never cuts a surrogate pair', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 300 }),
        fc.integer({ min: 8, max: 60 }),
        (text, most) => {
          for (const part of splitText(text, most)) expect(isWhole(part)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('closes in every part what it opens there, when all fences fit', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 200, max: 400 }), (text, maxBytes) => {
        const parts = splitText(text, maxBytes);
        const left = openFence(text);
        for (const [place, part] of parts.entries()) {
          // A block that the text itself never closes stays open in the last part.
          if (place === parts.length - 1 && left !== null) continue;
          expect(openFence(part)).toBeNull();
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps words whole that are no longer than an eighth of a part', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,10}$/), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(words, fc.constantFrom(' ', '\n', '. ', '\n\n'), (list, between) => {
        const parts = splitText(list.join(between), 90);
        expect(
          parts
            .join(' ')
            .split(/[\s.]+/)
            .filter((word) => word !== ''),
        ).toEqual(list);
      }),
    );
  });

  it('keeps every line of code as it is', () => {
    const lines = fc.array(fc.stringMatching(/^ {0,8}[a-z(){};=]{1,20}$/), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(lines, fc.constantFrom('\n', '\r\n'), (code, end) => {
        const parts = splitText(['Look:', '', '```ts', ...code, '```', '', 'Done.'].join(end), 120);
        const found: string[] = [];
        for (const part of parts) {
          for (const line of part.split(/\r?\n/))
            if (!/^```|^Look:$|^Done\.$|^$/.test(line)) found.push(line);
        }
        expect(found).toEqual(code);
      }),
    );
  });

  it('gives back a text that fits as it is', () => {
    expect(splitText('  Hello\n', 32_000)).toEqual(['  Hello\n']);
  });

  it('makes nothing of white space', () => {
    expect(splitText('', 100)).toEqual([]);
    expect(splitText(' \n\t'.repeat(100), 20)).toEqual([]);
  });

  it('prefers the end of a paragraph, then of a line, then of a sentence, then of a word', () => {
    const para = `${'a'.repeat(30)}\n\n${'b'.repeat(10)}\n${'c'.repeat(5)}. ${'d'.repeat(20)}`;
    expect(splitText(para, 62)[0]).toBe('a'.repeat(30));
    const line = `${'a'.repeat(30)}\n${'b'.repeat(10)}. ${'c'.repeat(5)} ${'d'.repeat(20)}`;
    expect(splitText(line, 62)[0]).toBe('a'.repeat(30));
    const sentence = `${'a'.repeat(30)}. ${'b'.repeat(10)} ${'c'.repeat(25)}`;
    expect(splitText(sentence, 62)[0]).toBe(`${'a'.repeat(30)}.`);
    expect(splitText(`「${'漢'.repeat(10)}。」${'字'.repeat(20)}`, 62)[0]).toBe(`「${'漢'.repeat(10)}。」`);
    const word = `${'a'.repeat(30)} ${'b'.repeat(40)}`;
    expect(splitText(word, 62)[0]).toBe('a'.repeat(30));
  });

  it('keeps the indent of the line behind a cut', () => {
    expect(splitText(`- ${'a'.repeat(30)}\n  - ${'b'.repeat(30)}`, 50)).toEqual([
      `- ${'a'.repeat(30)}`,
      `  - ${'b'.repeat(30)}`,
    ]);
  });

  it('cuts between characters as people see them', () => {
    const family = '👨‍👩‍👧‍👦';
    for (const part of splitText(family.repeat(20), 90)) {
      expect(bare(part).replaceAll(family, '')).toBe('');
    }
  });

  it('does without Intl.Segmenter', () => {
    const { Segmenter } = Intl;
    try {
      Reflect.deleteProperty(Intl, 'Segmenter');
      const parts = splitText('👨‍👩‍👧‍👦'.repeat(20), 90);
      expect(parts.join('')).toBe('👨‍👩‍👧‍👦'.repeat(20));
      for (const part of parts) expect(isWhole(part)).toBe(true);
    } finally {
      Object.defineProperty(Intl, 'Segmenter', { value: Segmenter, configurable: true, writable: true });
    }
  });

  it('closes a block that is cut, and opens it again with the same fence and info string', () => {
    const code = ['let a = 1;', 'let b = 2;', 'let c = 3;', 'let d = 4;'];
    expect(splitText(['  ~~~~ts title', ...code, '  ~~~~~'].join('\n'), 56)).toEqual([
      '  ~~~~ts title\nlet a = 1;\nlet b = 2;\n  ~~~~~',
      '  ~~~~ts title\nlet c = 3;\nlet d = 4;\n  ~~~~~',
    ]);
  });

  it('cuts before a block rather than right behind its opening fence, and behind its closing one', () => {
    const block = '```\nlet a = 1;\nlet b = 2;\n```';
    const words = 'word '.repeat(12).trim();
    expect(splitText(`${words}\n${block}`, 72)).toEqual([words, block]);
    expect(splitText(`${block}\n${words}`, 72)).toEqual([block, words]);
  });

  it('never cuts within a fence, wherever the block begins and however long its lines are', () => {
    for (let before = 0; before <= 100; before += 1) {
      for (const code of [20, 60, 71, 95, 130, 300]) {
        const lines = `${'c'.repeat(code)}${'\n'.repeat(before % 3)}`;
        const text = `${'p'.repeat(before)}\n~~~ts a title\n${lines}\n~~~~\n${'q'.repeat(90)}`;
        const parts = splitText(text, 100);
        for (const part of parts) {
          expect(bytesOf(part)).toBeLessThanOrEqual(100);
          expect([before, code, openFence(part)]).toEqual([before, code, null]);
          // Code stands in the block, and nothing else does.
          expect(part.replace(/^~~~ts a title\nc+\n+~~~~$/m, '')).not.toMatch(/[c~]/);
        }
        expect(parts.join('').match(/c/g)).toHaveLength(code);
      }
    }
  });

  it('cuts a block as plain text when its fences take more than half of a part', () => {
    const parts = splitText(`\`\`\`${'i'.repeat(30)}\n${'code '.repeat(20)}\n\`\`\``, 60);
    expect(parts.filter((part) => part.includes('```'))).toHaveLength(2);
    expect(splitText('```\na\n```', 9).every((part) => bytesOf(part) <= 9)).toBe(true);
  });

  it.each([0, 7, 8.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s as a size', (maxBytes) => {
    expect(() => splitText('text', maxBytes)).toThrow(ValidationError);
  });

  const MB = 1_000_000;
  it.each<[string, string]>([
    ['10 MB without a space', 'x'.repeat(10 * MB)],
    ['2 MB of spaces between two words', `a${' '.repeat(2 * MB)}b`],
    ['an indent of 2 MB', `a\n${' '.repeat(2 * MB)}b`],
    ['1 MB of backticks', '`'.repeat(MB)],
    ['1 MB of backticks and a word', `${'`'.repeat(MB / 2)}${'a'.repeat(MB / 2)}\``],
    ['1 MB of fences', '```\n'.repeat(MB / 4)],
    ['1 MB of blocks', '```\na\n```\n'.repeat(MB / 10)],
    ['a fence of 40 kB', `${'`'.repeat(40_000)}\n${'code\n'.repeat(20_000)}${'`'.repeat(40_000)}`],
    ['a block of 2 MB in one line', `\`\`\`\n${'y'.repeat(2 * MB)}\n\`\`\``],
    ['2 MB of line ends in a block', `\`\`\`\n${'\n'.repeat(2 * MB)}x\n\`\`\``],
    ['1 MB of carriage returns', `a${'\r'.repeat(MB)}b`],
    ['1 MB of closing brackets', ')'.repeat(MB)],
    ['1 MB of full stops', '.'.repeat(MB)],
    ['1 MB of blank lines with spaces', ' \n'.repeat(MB / 2).concat('x')],
    ['one character of 1 MB', `a${'\u0301'.repeat(MB / 2)}`],
    ['1 MB of flags', '🇩🇪'.repeat(MB / 8)],
    ['1 MB of half pairs', '\ud800'.repeat(MB / 2)],
  ])('takes linear time on %s', (_, text) => {
    const started = performance.now();
    const parts = splitText(text, 32_000);
    const took = performance.now() - started;
    for (const part of parts) expect(jsonBytes(part)).toBeLessThanOrEqual(32_000);
    // Quadratic would be minutes.
    expect(took).toBeLessThan(15_000);
  });
});
