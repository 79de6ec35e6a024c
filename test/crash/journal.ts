import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Death } from './death.js';

/** Something that happened in a life of the bot. */
export type Happening =
  /** The handler of a message begins, or has ended. */
  | {
      readonly what: 'begin' | 'end';
      readonly id: string;
      readonly conversation: string;
      readonly seq: number;
    }
  /** The store has confirmed that the message is done. */
  | { readonly what: 'commit'; readonly claimKey: string }
  /** The store has confirmed that everything below `expected` is handled. */
  | { readonly what: 'save'; readonly conversation: string; readonly expected: number }
  | { readonly what: 'die'; readonly death: Death };

/** `life` counts from 1. */
export type Entry = Happening & { readonly life: number };

/** What a bot has done, written down at once: it survives the bot. */
export class Journal {
  constructor(
    private readonly path: string,
    private readonly life: number,
  ) {}

  write(happening: Happening): void {
    appendFileSync(this.path, `${JSON.stringify({ life: this.life, ...happening })}\n`);
  }

  static read(path: string): readonly Entry[] {
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Entry => JSON.parse(line));
  }
}
