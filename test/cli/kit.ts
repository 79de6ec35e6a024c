import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Bundle, bundleCli } from './bundle.js';

/** What a command line came to. */
export interface Result {
  readonly code: number | NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs until it is stopped. */
export interface Running {
  readonly pid: number | undefined;
  stdout(): string;
  stderr(): string;
  /** Resolves when either stream says it; rejects when the command ends without. */
  says(pattern: RegExp): Promise<RegExpMatchArray>;
  type(text: string): void;
  stop(signal?: NodeJS.Signals): Promise<Result>;
  readonly ended: Promise<Result>;
}

export interface HowToRun {
  readonly stdin?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The command line as a user has it: processes of their own, and a home of their own. */
export class Cli {
  readonly #running = new Set<ChildProcess>();

  private constructor(
    private readonly bundle: Bundle,
    readonly home: string,
  ) {}

  static async make(): Promise<Cli> {
    const [bundle, home] = await Promise.all([bundleCli(), mkdtemp(join(tmpdir(), 'agentchat-home-'))]);
    return new Cli(bundle, home);
  }

  get program(): string {
    return this.bundle.program;
  }

  /** Runs a command to its end, without a terminal. */
  run(words: readonly string[], how: HowToRun = {}): Promise<Result> {
    return this.start(words, { stdin: '', ...how }).ended;
  }

  start(words: readonly string[], how: HowToRun = {}): Running {
    return this.spawn(process.execPath, [this.program, ...words], how);
  }

  /** Runs a command on a terminal of its own: what is typed, and what is shown, in one stream. */
  onTerminal(words: readonly string[], how: HowToRun = {}): Running {
    const line = [process.execPath, this.program, ...words].map(
      (word) => `'${word.replaceAll("'", `'\\''`)}'`,
    );
    // Without `exec` a shell stands between, which takes Ctrl-C for itself.
    return this.spawn('script', ['-qefc', `exec ${line.join(' ')}`, '/dev/null'], how);
  }

  /** Runs a line of a shell to its end. */
  shell(line: string, how: HowToRun = {}): Promise<Result> {
    return this.spawn('sh', ['-c', line], { stdin: '', ...how }).ended;
  }

  async close(): Promise<void> {
    for (const child of this.#running) child.kill('SIGKILL');
    await Promise.all([this.bundle.remove(), rm(this.home, { recursive: true, force: true })]);
  }

  private spawn(command: string, args: readonly string[], { stdin, env, cwd }: HowToRun): Running {
    // Nothing of whoever runs the tests: no account, no colours.
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(command, args, {
      cwd: cwd ?? this.home,
      env: { PATH, HOME, TERM: 'xterm', AGENTCHAT_HOME: this.home, ...env },
    });
    this.#running.add(child);
    let stdout = '';
    let stderr = '';
    const watchers = new Set<() => void>();
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk;
      for (const watcher of watchers) watcher();
    });
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      stderr += chunk;
      for (const watcher of watchers) watcher();
    });
    child.stdin.on('error', () => {});
    if (stdin !== undefined) child.stdin.end(stdin);
    const ended = new Promise<Result>((resolve) => {
      child.once('close', (code, signal) => {
        this.#running.delete(child);
        resolve({ code: code ?? signal, stdout, stderr });
      });
    });
    return {
      pid: child.pid,
      stdout: () => stdout,
      stderr: () => stderr,
      says: (pattern) =>
        new Promise((resolve, reject) => {
          const look = () => {
            const match = pattern.exec(stdout) ?? pattern.exec(stderr);
            if (match === null) return;
            watchers.delete(look);
            resolve(match);
          };
          watchers.add(look);
          look();
          void ended.then(({ code }) =>
            reject(new Error(`ended with ${code} before it said ${pattern}:\n${stdout}\n${stderr}`)),
          );
        }),
      type: (text) => void child.stdin.write(text),
      stop: (signal = 'SIGINT') => {
        child.kill(signal);
        return ended;
      },
      ended,
    };
  }
}

/** Each line of a text, as JSON. */
export function jsonLines<Value = Record<string, unknown>>(text: string): Value[] {
  return text
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Value);
}
