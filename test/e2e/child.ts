import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/**
 * A program in a process of its own, so that a test can stop it, kill it, or measure its memory. It gets its setup as
 * JSON in `argv[2]`, and talks with the test over the channel between the two.
 */
export class Child<Told> {
  /** Everything that it has told so far. */
  readonly told: Told[] = [];
  /** Resolves when the process is gone. */
  readonly exit: Promise<Exit>;
  readonly #process: ChildProcess;
  readonly #waiting = new Set<() => void>();
  readonly #hearers: ((told: Told) => void)[] = [];
  #gone: Exit | null = null;

  private constructor(started: ChildProcess) {
    this.#process = started;
    started.on('message', (message) => {
      this.told.push(message as Told);
      for (const hear of this.#hearers) hear(message as Told);
      this.#changed();
    });
    this.exit = new Promise((resolve) => {
      started.once('exit', (code, signal) => {
        this.#gone = { code, signal };
        this.#changed();
        resolve(this.#gone);
      });
    });
  }

  /** `flags` are those of Node; `before` is what a shell does first, `ulimit` say. */
  static async start<Told>(
    program: URL,
    setup: unknown,
    flags: readonly string[] = [],
    before = '',
  ): Promise<Child<Told>> {
    const source = await bundleOf(program);
    const node = [process.execPath, ...flags, '--input-type=module', '-', JSON.stringify(setup)];
    const [command = '', ...args] =
      before === '' ? node : ['sh', '-c', `${before}; exec "$@"`, 'sh', ...node];
    const started = spawn(
      command,
      args,
      // What it has to say for itself belongs into the report of the tests.
      { stdio: ['pipe', 'inherit', 'inherit', 'ipc'] },
    );
    // One that was killed at once may not have read it all.
    started.stdin?.on('error', () => undefined).end(source);
    return new Child<Told>(started);
  }

  /** Resolves with the first thing told that fits. Rejects when the process ends without it. */
  async when<Fitting extends Told>(fits: (told: Told) => told is Fitting): Promise<Fitting>;
  async when(fits: (told: Told) => boolean): Promise<Told>;
  async when(fits: (told: Told) => boolean): Promise<Told> {
    await this.until(() => this.told.some(fits));
    return this.told.find(fits) as Told;
  }

  /** Resolves when the condition holds; looks whenever the process has told something. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (condition()) resolve();
        else if (this.#gone !== null) reject(new Error(`the process ended: ${JSON.stringify(this.#gone)}`));
        else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** Calls `hear` with everything that the process has told and will tell. */
  onTold(hear: (told: Told) => void): void {
    for (const told of this.told) hear(told);
    this.#hearers.push(hear);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Tells the program something. */
  tell(message: string): void {
    if (this.#process.connected) this.#process.send(message);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Ends it, if it has not ended by itself, and waits until it is gone. */
  async end(): Promise<void> {
    if (this.#gone !== null) return;
    // A process that was stopped takes no other signal.
    this.#process.kill('SIGKILL');
    await this.exit;
  }

  #changed(): void {
    for (const look of [...this.#waiting]) look();
  }
}

/** The programs that were started before, by their address. */
const bundles = new Map<string, Promise<Uint8Array>>();

/** The program as one text, with the sources of the package in it: a loader would cost each process a second. */
function bundleOf(program: URL): Promise<Uint8Array> {
  const made = bundles.get(program.href) ?? bundle(program);
  bundles.set(program.href, made);
  return made;
}

async function bundle(program: URL): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(program)],
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    packages: 'external',
  });
  const [output] = outputFiles;
  if (output === undefined) throw new Error(`${program.href} could not be bundled`);
  return output.contents;
}
