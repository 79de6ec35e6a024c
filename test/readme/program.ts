import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A program that runs as a user would run it, and what it has written. */
export interface Program {
  output(): string;
  /** Resolves when the output (of both streams) matches; rejects when the program ends without that. */
  says(pattern: RegExp): Promise<RegExpMatchArray>;
  type(text: string): void;
  /** Sends the signal, and resolves to the exit code (or the signal that ended it). */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  exit: Promise<number | NodeJS.Signals | null>;
}

const running = new Set<ChildProcessWithoutNullStreams>();

/** Runs a TypeScript file of the project, such as `examples/bot.ts`. */
export function runProgram(file: string, args: string[] = [], env: Record<string, string> = {}): Program {
  return run(['--import', 'tsx', file, ...args], env);
}

/** Runs Node with these arguments in the project's folder. */
export function run(args: string[], env: Record<string, string> = {}): Program {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', ...env },
  });
  running.add(child);
  let text = '';
  const watchers = new Set<() => void>();
  const collect = (chunk: string) => {
    text += chunk;
    for (const watcher of watchers) watcher();
  };
  child.stdout.setEncoding('utf8').on('data', collect);
  child.stderr.setEncoding('utf8').on('data', collect);
  const exit = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      resolve(code ?? signal);
    });
  });
  return {
    output: () => text,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const match = text.match(pattern);
          if (match === null) return;
          watchers.delete(look);
          resolve(match);
        };
        watchers.add(look);
        look();
        void exit.then((how) => reject(new Error(`ended with ${how} before it said ${pattern}:\n${text}`)));
      }),
    type: (line) => void child.stdin.write(line),
    stop: (signal = 'SIGTERM') => {
      child.kill(signal);
      return exit;
    },
    exit,
  };
}

/** Ends whatever a failed test left running. */
export async function endPrograms(): Promise<void> {
  await Promise.all(
    [...running].map((child) => {
      child.kill('SIGKILL');
      return new Promise((resolve) => child.once('close', resolve));
    }),
  );
}
