import { checkFunction, invalid } from '../../http/index.js';
import type { Json } from '../../stores/index.js';
import type { Message } from '../../wire/index.js';
import type { ThinkerResult } from '../thinking/thinker.js';
import type { Turn } from '../turns/turn.js';

/** What thinks for a bot: returns what is answered, or a promise or stream of it, or null for silence. */
export type Thinker<Session = Json> = (turn: Turn<Session>) => ThinkerResult;

/** Answers `/name args`. `args` is what stands behind the name, trimmed; empty where nothing does. */
export type CommandHandler<Session = Json> = (turn: Turn<Session>, args: string) => ThinkerResult;

/** A turn as middleware sees it. */
export interface MiddlewareTurn<Session = Json> extends Turn<Session> {
  /** What is about to be answered: null before `next()`, and for silence. May be changed after `next()`. */
  answer: string | null;
}

/**
 * Runs around whatever answers. `await next()` runs the rest; without it nobody answers. What it does after `next()` happens before
 * the answer is sent.
 */
export type Middleware<Session = Json> = (
  turn: MiddlewareTurn<Session>,
  next: () => Promise<void>,
) => unknown;

interface Pattern<Session> {
  readonly matches: (text: string) => RegExpMatchArray | null;
  readonly handler: Thinker<Session>;
}

const COMMAND_NAME = /^[a-z0-9_-]{1,64}$/;
/** `/name`, `/name@handle`, also behind a mention. */
const COMMAND = /^\s*(?:@[a-z0-9-]+[,:]?\s+)?\/([a-z0-9_-]{1,64})(?:@([a-z0-9-]+))?(?:\s+([\s\S]*))?$/i;

export interface Command {
  readonly name: string;
  readonly args: string;
}

/** Who answers: middleware around commands, patterns, and the thinker, in that order. */
export class Router<Session> {
  private readonly middleware: Middleware<Session>[] = [];
  private readonly commands = new Map<string, CommandHandler<Session>>();
  private readonly patterns: Pattern<Session>[] = [];

  constructor(private readonly think: Thinker<Session> | undefined) {
    checkFunction(think, 'think');
  }

  /** Whether there is anybody who could answer. */
  get isEmpty(): boolean {
    return (
      this.think === undefined && this.commands.size + this.patterns.length + this.middleware.length === 0
    );
  }

  use(middleware: Middleware<Session>): void {
    checkFunction(middleware ?? null, 'middleware');
    this.middleware.push(middleware);
  }

  command(name: string, handler: CommandHandler<Session>): void {
    checkFunction(handler ?? null, 'handler');
    const plain = typeof name === 'string' ? name.toLowerCase() : '';
    if (!COMMAND_NAME.test(plain)) {
      throw invalid(
        'name',
        'A command is called by letters, digits, "_" or "-", without the "/": bot.command("help", ...)',
      );
    }
    if (this.commands.has(plain)) throw invalid('name', `The command "${plain}" has a handler already`);
    this.commands.set(plain, handler);
  }

  hear(pattern: string | RegExp, handler: Thinker<Session>): void {
    checkFunction(handler ?? null, 'handler');
    this.patterns.push({ matches: matcherOf(pattern), handler });
  }

  /** The command that a message calls; undefined when it calls none that is known. */
  commandIn({ content }: Message): Command | undefined {
    const text: unknown = content?.text;
    const found = typeof text === 'string' && text.includes('/') ? COMMAND.exec(text) : null;
    const name = found?.[1]?.toLowerCase();
    if (name === undefined || !this.commands.has(name)) return undefined;
    return { name, args: (found?.[3] ?? '').trim() };
  }

  /** @param finish Takes what was thought, and puts it into `turn.answer`. */
  async run(
    turn: MiddlewareTurn<Session> & { match: RegExpMatchArray | null },
    finish: (result: ThinkerResult) => Promise<void>,
  ): Promise<void> {
    const dispatch = async (place: number): Promise<void> => {
      const middleware = this.middleware[place];
      if (middleware === undefined) return finish(this.answer(turn));
      let isCalled = false;
      await middleware(turn, () => {
        if (isCalled) throw invalid('next', 'next() was called twice in one middleware');
        isCalled = true;
        return dispatch(place + 1);
      });
    };
    await dispatch(0);
  }

  private answer(turn: Turn<Session> & { match: RegExpMatchArray | null }): ThinkerResult {
    const command = this.commandIn(turn.message);
    if (command !== undefined) return this.commands.get(command.name)?.(turn, command.args);
    for (const { matches, handler } of this.patterns) {
      const match = matches(turn.text);
      if (match === null) continue;
      turn.match = match;
      return handler(turn);
    }
    return this.think?.(turn);
  }
}

/** A string is the whole text, in any case; a pattern is looked for anywhere, from the start each time. */
function matcherOf(pattern: unknown): (text: string) => RegExpMatchArray | null {
  if (pattern instanceof RegExp) {
    // With the flags g and y, exec() goes on where it stopped the last time.
    const anew = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
    return (text) => anew.exec(text);
  }
  if (typeof pattern !== 'string' || pattern.trim() === '') {
    throw invalid('pattern', 'hear() needs a text, or a regular expression');
  }
  const wanted = pattern.trim().toLowerCase();
  return (text) => (text.trim().toLowerCase() === wanted ? [text] : null);
}
