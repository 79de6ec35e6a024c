import type { Command } from './command.js';
import { dev } from './commands/dev.js';
import { init } from './commands/init.js';
import { send } from './commands/send.js';
import { tail } from './commands/tail.js';

/** Every command, in the order of help: what a newcomer needs first. Help, docs/cli.md and completion are printed from it. */
export const COMMANDS: readonly Command[] = [init, dev, send, tail];
