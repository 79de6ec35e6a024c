import { appendFileSync, readFileSync } from 'node:fs';
import type { Message } from 'agentchat-client';

/** One thing that a bot has done with a message. */
export interface Entry {
  /** Which of the bot's lives it was; counts from 1. */
  readonly life: number;
  readonly what: 'begin' | 'end';
  readonly id: string;
  readonly conversation: string;
  readonly seq: number;
}

/** What a bot has done, written down at once: it survives the bot, however that dies. */
export class Journal {
  constructor(
    private readonly path: string,
    private readonly life: number,
  ) {}

  write(what: Entry['what'], { id, conversation_id: conversation, seq }: Message): void {
    const entry: Entry = { life: this.life, what, id, conversation, seq };
    appendFileSync(this.path, `${JSON.stringify(entry)}\n`);
  }

  static read(path: string): Entry[] {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Entry => JSON.parse(line));
  }
}
