import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { UsageError } from './failure.js';
import { bytesOnStdin } from './stdin.js';

/** Whether there is a person to ask. */
export function canAsk(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/** Asks the person on the terminal. Ctrl-C ends the process, as it does everywhere. */
export async function ask(question: string, isSecret = false): Promise<string> {
  // What is typed is shown by the terminal of readline: for a secret it gets nothing to write on.
  const output = isSecret ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
  const terminal = createInterface({ input: process.stdin, output, terminal: true });
  // Not before: until then the terminal itself shows what is typed.
  if (isSecret) process.stderr.write(question);
  terminal.on('SIGINT', () => {
    process.stderr.write('\n');
    process.exit(130);
  });
  try {
    return (await terminal.question(isSecret ? '' : question)).trim();
  } finally {
    terminal.close();
    if (isSecret) process.stderr.write('\n');
  }
}

/** A secret: asked for on a terminal, else read from stdin. @throws UsageError with the advice when there is none. */
export async function secretFrom(question: string, advice: string): Promise<string> {
  const secret = canAsk() ? await ask(question, true) : await whatIsPiped();
  if (secret === '') throw new UsageError(`${advice}.`);
  return secret;
}

async function whatIsPiped(): Promise<string> {
  return process.stdin.isTTY === true ? '' : (await bytesOnStdin()).toString('utf8').trim();
}
