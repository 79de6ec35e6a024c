import type { Command } from './command.js';
import { chaos } from './commands/chaos.js';
import { completion } from './commands/completion.js';
import { dev } from './commands/dev.js';
import { doctor } from './commands/doctor.js';
import { init } from './commands/init.js';
import { listen } from './commands/listen.js';
import { login } from './commands/login.js';
import { register } from './commands/register.js';
import { replay } from './commands/replay.js';
import { send } from './commands/send.js';
import { sign } from './commands/sign.js';
import { tail } from './commands/tail.js';
import { trigger } from './commands/trigger.js';
import { verify } from './commands/verify.js';
import { whoami } from './commands/whoami.js';

/** Every command, in the order of help: what a newcomer needs first. Help, docs/cli.md and completion are printed from it. */
export const COMMANDS: readonly Command[] = [
  init,
  dev,
  register,
  login,
  whoami,
  send,
  tail,
  listen,
  trigger,
  replay,
  sign,
  verify,
  chaos,
  doctor,
  completion,
];
