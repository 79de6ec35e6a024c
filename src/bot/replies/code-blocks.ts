/** A fenced code block of a text. Places are indices into the text. */
export interface CodeBlock {
  /** Where the line of the opening fence begins. */
  readonly start: number;
  /** The opening line without its end: indent, fence and info string. */
  readonly opening: string;
  /** Where the first line of code begins. */
  readonly bodyStart: number;
  /** Behind the last code that is no white space. */
  readonly codeEnd: number;
  /** Behind the last line of code, before the line end that the closing fence follows. */
  readonly bodyEnd: number;
  /** The closing line; for a block that is never closed, the line that would close it. */
  readonly closing: string;
  /** Behind the closing line. */
  readonly end: number;
}

interface Fence {
  readonly char: string;
  readonly length: number;
  readonly indent: string;
  /** What follows the fence in its line, without space around it. */
  readonly info: string;
}

/** A fence has three characters at least, and up to three spaces before it. */
const SHORTEST_FENCE = 3;
const MOST_INDENT = 3;

/** The fenced code blocks of a text, in order. Linear in the length of the text. */
export function codeBlocksOf(text: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { readonly start: number; readonly bodyStart: number; readonly fence: Fence } | null = null;
  for (let start = 0; start < text.length; ) {
    const lineEnd = endOfLine(text, start);
    const line = text.slice(start, lineEnd);
    const fence = fenceOf(line);
    const next = lineEnd + 1;
    if (fence !== null && open === null && isOpening(fence)) {
      open = { start, bodyStart: next, fence };
    } else if (fence !== null && open !== null && closes(fence, open.fence)) {
      const closing = line.trimEnd();
      blocks.push({ ...placesOf(open, start - 1, text), closing, end: start + closing.length });
      open = null;
    }
    start = next;
  }
  // A block that is never closed goes on to the end. A fence that is the end of the text has no code to close.
  if (open !== null && open.bodyStart < text.length) {
    const { char, length, indent } = open.fence;
    const closing = indent + char.repeat(length);
    blocks.push({ ...placesOf(open, text.length, text), closing, end: text.length });
  }
  return blocks;
}

function placesOf(
  { start, bodyStart }: { readonly start: number; readonly bodyStart: number },
  bodyEnd: number,
  text: string,
) {
  const opening = text.slice(start, bodyStart).trimEnd();
  const codeEnd = bodyStart + text.slice(bodyStart, bodyEnd).trimEnd().length;
  return { start, opening, bodyStart, codeEnd, bodyEnd };
}

function endOfLine(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at;
}

function fenceOf(line: string): Fence | null {
  let at = 0;
  while (at <= MOST_INDENT && line[at] === ' ') at += 1;
  const char = line[at];
  if (at > MOST_INDENT || (char !== '`' && char !== '~')) return null;
  let end = at;
  while (line[end] === char) end += 1;
  if (end - at < SHORTEST_FENCE) return null;
  return { char, length: end - at, indent: line.slice(0, at), info: line.slice(end).trim() };
}

/** Backticks with a backtick behind them in the same line are code within a sentence. */
function isOpening({ char, info }: Fence): boolean {
  return char === '~' || !info.includes('`');
}

function closes(fence: Fence, opening: Fence): boolean {
  return fence.char === opening.char && fence.length >= opening.length && fence.info === '';
}
