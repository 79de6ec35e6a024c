import { type ChildProcess, spawn } from 'node:child_process';
import { EXIT } from '../exit-code.js';
import { Failure } from '../failure.js';

/** How long a program may take to end when it is asked to. */
const END_MS = 5_000;

/** A program that runs on the service: the bot under development. */
export class Program {
  readonly #child: ChildProcess;
  /** Resolves when it has ended, to how. */
  readonly ended: Promise<string>;
  #wasAsked = false;

  /** Its output goes to stderr: stdout is for data. */
  constructor(
    private readonly words: readonly string[],
    env: Readonly<Record<string, string>>,
  ) {
    const [name = '', ...args] = words;
    this.#child = spawn(name, args, {
      stdio: ['ignore', process.stderr, process.stderr],
      env: { ...process.env, ...env },
      // npm's own programs are scripts there.
      shell: process.platform === 'win32',
    });
    // However we end: a second Ctrl-C, or a reader who has seen enough.
    const kill = () => this.#child.kill(this.#wasAsked ? 'SIGKILL' : 'SIGTERM');
    process.once('exit', kill);
    this.#child.once('exit', () => process.off('exit', kill));
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', (error: NodeJS.ErrnoException) => {
        const why = error.code === 'ENOENT' ? 'there is no such program' : error.message;
        reject(new Failure(`${name} cannot be run: ${why}.`, EXIT.usage));
      });
      this.#child.once('exit', (code, signal) => resolve(String(code ?? signal)));
    });
    // Whoever ends it looks at it.
    this.ended.catch(() => {});
  }

  get name(): string {
    return this.words.join(' ');
  }

  async end(): Promise<void> {
    this.#wasAsked = true;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS);
    await this.ended.catch(() => {});
    clearTimeout(timer);
  }
}
