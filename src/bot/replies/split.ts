import { invalid } from '../../http/index.js';
import { type CodeBlock, codeBlocksOf } from './code-blocks.js';
import { bytesAt, bytesWithin, isPairAt, jsonBytes } from './json-bytes.js';

/** The longest code point takes six bytes, and the quotes two. */
const LEAST_BYTES = 8;
/** A cluster of code points that reaches further than this behind the cut is looked at only in part. */
const LOOK_AHEAD = 64;

/**
 * Cuts a text into parts that the service takes. A part is cut at the end of a paragraph or of a code block, where there is one in
 * its second half; else, in its last three quarters, at the end of a line or of a sentence; else between words; else between
 * characters as people see them (where the runtime has `Intl.Segmenter`), and never inside of one code point. White space at a cut
 * is dropped.
 *
 * A fenced code block that must be cut is closed at the end of the part, and opened again, with the same fence and info string, at
 * the start of the next. A block whose two fences take more than half of a part is cut as plain text.
 *
 * @param maxBytes Most bytes of a part: of its JSON encoding in UTF-8, quotes included. At least 8.
 * @returns The parts in order, none of them empty; none at all for a text of white space.
 * @throws ValidationError when `maxBytes` is no whole number of 8 or more.
 * @example
 * for (const part of splitText(answer, 30_000)) await client.sendMessage({ to: 'alice', content: { text: part } });
 */
export function splitText(text: string, maxBytes: number): string[] {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < LEAST_BYTES) {
    throw invalid('maxBytes', `"maxBytes" must be a whole number of ${LEAST_BYTES} or more`);
  }
  if (text.trim() === '') return [];
  if (jsonBytes(text) <= maxBytes) return [text];
  return new Splitter(text, maxBytes).parts();
}

/** Where a kind of cut may be, and how full a part must be for it: what is cut off too early makes too many parts. */
interface Seam {
  readonly leastFilled: number;
  isAt(splitter: Splitter, at: number): boolean;
}

const SEAMS: readonly Seam[] = [
  { leastFilled: 1 / 2, isAt: (splitter, at) => splitter.isParagraphEnd(at) },
  { leastFilled: 1 / 4, isAt: (splitter, at) => splitter.isLineEnd(at) },
  { leastFilled: 1 / 4, isAt: (splitter, at) => splitter.isSentenceEnd(at) },
  { leastFilled: 1 / 8, isAt: (splitter, at) => splitter.isWordEnd(at) },
];

/**
 * One text on its way into parts. All cuts are *before* the white space that is dropped. Each part takes at least an eighth of
 * what was looked at for it, so that the whole is linear.
 */
class Splitter {
  /** What fits between the quotes. */
  private readonly budget: number;
  /** Only those that are kept whole. */
  private readonly blocks: readonly CodeBlock[];
  /** Where the next part begins, and the block that it begins within. */
  private at = 0;
  private within: CodeBlock | null = null;

  constructor(
    private readonly text: string,
    maxBytes: number,
  ) {
    this.budget = maxBytes - 2;
    this.blocks = codeBlocksOf(text).filter((block) => this.leavesRoom(block));
  }

  parts(): string[] {
    const parts: string[] = [];
    while (this.at < this.text.length) {
      const part = this.next();
      if (part !== null) parts.push(part);
    }
    return parts;
  }

  /** The next part; null when there was only white space. */
  private next(): string | null {
    const { at, within, text } = this;
    const prefix = within === null ? '' : `${within.opening}\n`;
    const room = this.budget - bytesWithin(prefix);
    const most = this.furthest(at, room);
    if (most === text.length) {
      this.at = most;
      const rest = text.slice(at);
      return rest.trim() === '' ? null : prefix + rest;
    }
    const cut = this.cutBefore(this.limitOf(most, room));
    const block = this.blockAround(cut);
    const kept = text.slice(at, cut);
    if (block === null) this.goOnAt(cut);
    else this.goOnWithin(block, cut);
    if (block !== null) return `${prefix}${kept}\n${block.closing}`;
    return kept.trim() === '' ? null : prefix + kept.trimEnd();
  }

  /** How far the text fits into so many bytes. */
  private furthest(from: number, room: number): number {
    const { text } = this;
    let at = from;
    let left = room;
    while (at < text.length) {
      left -= bytesAt(text, at);
      if (left < 0) return at;
      at += isPairAt(text, at) ? 2 : 1;
    }
    return at;
  }

  /** How far this part may reach at most: where it would end within a block, there must be room to close that. */
  private limitOf(most: number, room: number): number {
    const block = this.blockUpTo(most - 1);
    if (block === null || most >= block.end) return most;
    const closed = Math.min(this.furthest(this.at, room - closingBytes(block)), block.bodyEnd);
    return closed > block.bodyStart ? closed : block.start;
  }

  private cutBefore(limit: number): number {
    const { at } = this;
    // A block that does not begin in this part begins the next one.
    if (this.blockUpTo(limit)?.start === limit) return limit;
    for (const { leastFilled, isAt } of SEAMS) {
      const least = at + Math.ceil((limit - at) * leastFilled);
      for (let cut = limit; cut >= Math.max(least, at + 1); cut -= 1) {
        if (isAt(this, cut) && !this.isOnFence(cut)) return cut;
      }
    }
    return this.characterEnd(limit);
  }

  isParagraphEnd(at: number): boolean {
    const { text } = this;
    if (!this.isLineEnd(at)) return false;
    const next = text.indexOf('\n', at) + 1;
    const block = this.blockUpTo(next);
    if (block !== null && block.start < at && at < block.end) return false;
    return block?.start === next || block?.end === at || isBlankLine(text, next);
  }

  isLineEnd(at: number): boolean {
    const { text } = this;
    return text[at] === '\r' ? text[at + 1] === '\n' : text[at] === '\n' && text[at - 1] !== '\r';
  }

  isSentenceEnd(at: number): boolean {
    const { text } = this;
    // Asked first, so that a long run of them is walked through once.
    if (CLOSERS.includes(text[at] ?? ' ')) return false;
    let last = at - 1;
    while (last > this.at && CLOSERS.includes(text[last] as string)) last -= 1;
    const end = text[last] as string;
    if (WIDE_SENTENCE_ENDS.includes(end)) return true;
    return SENTENCE_ENDS.includes(end) && isSpace(text[at]);
  }

  isWordEnd(at: number): boolean {
    return isSpace(this.text[at]) && !isSpace(this.text[at - 1]);
  }

  /** The end of the last character, as people see them, that is whole before `limit`. */
  private characterEnd(limit: number): number {
    const { text, at } = this;
    if (typeof Intl === 'undefined' || typeof Intl.Segmenter !== 'function') return limit;
    const around = text.slice(at, limit + LOOK_AHEAD);
    const segments = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(around);
    const end = at + (segments.containing(limit - at)?.index ?? limit - at);
    // A character that takes half of a part is none that anybody sees.
    return end - at > (limit - at) / 2 && !this.isOnFence(end) ? end : limit;
  }

  private goOnAt(cut: number): void {
    const { text } = this;
    this.within = null;
    let at = cut;
    // The indent of a line belongs to it: at a cut between lines it is kept.
    let line = text[cut - 1] === '\n' ? cut : -1;
    while (at < text.length && isSpace(text[at])) {
      if (text[at] === '\n') line = at + 1;
      at += 1;
    }
    this.at = at === text.length || line < 0 ? at : line;
  }

  /** Of code only the line end at the cut is dropped. */
  private goOnWithin(block: CodeBlock, cut: number): void {
    const { text } = this;
    const end = text[cut] === '\r' && text[cut + 1] === '\n' ? cut + 2 : text[cut] === '\n' ? cut + 1 : cut;
    // With no code left, the line that closed this part was the block's own.
    if (end >= block.codeEnd) {
      this.goOnAt(block.end);
    } else {
      this.at = end;
      this.within = block;
    }
  }

  /** Whether a part that is cut here would end within a fence, or right behind one that opens. */
  private isOnFence(at: number): boolean {
    const block = this.blockUpTo(at);
    if (block === null || at === block.start) return false;
    return at <= block.bodyStart || (at > block.bodyEnd && at < block.end);
  }

  /** The block in whose code a cut is. */
  private blockAround(cut: number): CodeBlock | null {
    const block = this.blockUpTo(cut);
    return block !== null && cut > block.bodyStart && cut <= block.bodyEnd ? block : null;
  }

  /** The last block that begins at a place or before it. */
  private blockUpTo(at: number): CodeBlock | null {
    const { blocks } = this;
    let from = 0;
    let to = blocks.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((blocks[middle] as CodeBlock).start <= at) from = middle + 1;
      else to = middle;
    }
    return blocks[from - 1] ?? null;
  }

  private leavesRoom(block: CodeBlock): boolean {
    const opening = this.text.slice(block.start, block.bodyStart);
    return bytesWithin(opening) + closingBytes(block) <= this.budget / 2;
  }
}

const SENTENCE_ENDS = '.!?…';
const WIDE_SENTENCE_ENDS = '。！？';
/** May stand between the end of a sentence and the space behind it. */
const CLOSERS = '"\')]}»”’」』）*_';

function isSpace(char: string | undefined): boolean {
  if (char === undefined || (char > ' ' && char < '\x7f')) return false;
  return char.trim() === '';
}

function isBlankLine(text: string, from: number): boolean {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r') at += 1;
  return at >= text.length || text[at] === '\n';
}

/** The closing line, and the line end before it. */
function closingBytes({ closing }: CodeBlock): number {
  return bytesWithin(`\n${closing}`);
}
