import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** What happened, and in which life of the bot. Lives count from 1. */
export type Entry<Happening> = Happening & { readonly life: number };

/** What a bot has done, written down at once: it survives the bot. */
export class Journal<Happening extends object> {
  constructor(
    private readonly path: string,
    private readonly life: number,
  ) {}

  write(happening: Happening): void {
    appendFileSync(this.path, `${JSON.stringify({ life: this.life, ...happening })}\n`);
  }

  static read<Happening>(path: string): readonly Entry<Happening>[] {
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Entry<Happening> => JSON.parse(line));
  }
}
