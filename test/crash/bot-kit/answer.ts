/** What the bot of the crash matrix says of a turn: a note while it thinks, then an answer that takes two messages. */
export interface Saying {
  readonly key: string;
  /** Names the run of the turn that has worded it. A model words it differently each time. */
  readonly run: string;
  /** What the session said: this is the turn of that number in its conversation. */
  readonly turn: number;
  readonly part: Part;
}

export const PARTS = ['note', 'first', 'second'] as const;
export type Part = (typeof PARTS)[number];

/** Half of an answer: two of these are more than one message holds. */
const HALF = 'word '.repeat(4_000).trim();
const SAYING = /^(note|first|second) of turn (\d+) \((\S+)\), run (\S+):/;

export function noteOf(saying: Omit<Saying, 'part'>): string {
  return `${headOf({ ...saying, part: 'note' })} thinking`;
}

export function answerOf(saying: Omit<Saying, 'part'>): string {
  return ['first', 'second']
    .map((part) => `${headOf({ ...saying, part: part as Part })} ${HALF}`)
    .join('\n\n');
}

/** Null for what the bot would never say. */
export function sayingIn(text: string): Saying | null {
  const [, part, turn, key, run] = SAYING.exec(text) ?? [];
  if (key === undefined || run === undefined) return null;
  return { part: part as Part, turn: Number(turn), key, run };
}

function headOf({ part, turn, key, run }: Saying): string {
  return `${part} of turn ${turn} (${key}), run ${run}:`;
}
