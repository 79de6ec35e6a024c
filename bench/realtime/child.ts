import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Contender } from './contenders.js';

type Reply = { readonly result?: unknown; readonly error?: string };

/**
 * Plain Node: nothing stands between the code and the engine. The young generation has the same size in all processes:
 * left alone it stays small where little code is loaded, and then fits into the processor's cache.
 */
export const FOR_SPEED = ['--min-semi-space-size=16', '--max-semi-space-size=16'];
/** Small, where memory is measured: what is kept is asked for, not what waits to be collected. */
const FOR_MEMORY: readonly string[] = ['--expose-gc', '--max-semi-space-size=1'];

/** A process that does what it is asked, one thing at a time. */
export class Child {
  private constructor(
    private readonly process: ChildProcess,
    /** What it said of itself when it was ready. */
    readonly hello: Record<string, unknown>,
  ) {}

  static async start(
    script: string,
    argument: string,
    execArgv: readonly string[] = FOR_SPEED,
  ): Promise<Child> {
    const path = fileURLToPath(new URL(script, import.meta.url));
    const child = fork(path, [argument], { execArgv: [...execArgv] });
    return new Child(child, await next(child));
  }

  async ask<T>(task: string, options: object): Promise<T> {
    const reply = next(this.process);
    this.process.send({ task, options });
    const { result, error } = (await reply) as Reply;
    if (error !== undefined) throw new Error(`${task} failed: ${error}`);
    return result as T;
  }

  stop(): void {
    this.process.kill();
  }
}

function next(child: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown) => {
      child.off('exit', onExit);
      resolve(message as Record<string, unknown>);
    };
    const onExit = (code: number | null, signal: string | null) => {
      child.off('message', onMessage);
      reject(new Error(`A process of the benchmark ended early, by ${signal ?? `code ${code}`}.`));
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
  });
}

/** A server of `servers/`, while `use` runs. */
export async function withServer<T>(
  name: string,
  options: object,
  use: (port: number, server: Child) => Promise<T>,
): Promise<T> {
  const server = await Child.start(`./servers/${name}.mjs`, JSON.stringify(options));
  try {
    return await use(Number(server.hello.port), server);
  } finally {
    server.stop();
  }
}

/** As users run it. */
export const AS_IT_IS: readonly string[] = [];

/** Asks a contender in a process that has done nothing before: what memory is measured in. */
export async function askFresh<T>(
  contender: Contender,
  task: string,
  options: object,
  execArgv = FOR_MEMORY,
): Promise<T> {
  const child = await Child.start('./contenders/main.mjs', contender.name, execArgv);
  try {
    return await child.ask<T>(task, options);
  } finally {
    child.stop();
  }
}

export interface Turns<T> {
  readonly contenders: readonly Contender[];
  /** Rounds that do not count: the engine learns what is hot. */
  readonly rehearsals: number;
  readonly rounds: number;
  /** Once, in the process of each. */
  prepare?(child: Child): Promise<unknown>;
  run(child: Child, contender: Contender): Promise<T>;
}

/**
 * Rounds in which the contenders take turns, each in a process of its own, so that whatever else the machine does hits
 * them alike. Returns the results of each, in the order of the rounds.
 */
export async function inTurns<T>({
  contenders,
  rehearsals,
  rounds,
  prepare,
  run,
}: Turns<T>): Promise<Map<Contender, T[]>> {
  const children = new Map<Contender, Child>();
  const results = new Map<Contender, T[]>(contenders.map((contender) => [contender, []]));
  try {
    for (const contender of contenders) {
      const child = await Child.start('./contenders/main.mjs', contender.name);
      children.set(contender, child);
      await prepare?.(child);
    }
    for (let round = 0; round < rehearsals + rounds; round += 1) {
      // There and back: nobody always runs first.
      const order = round % 2 === 0 ? [...children] : [...children].reverse();
      for (const [contender, child] of order) {
        const result = await run(child, contender);
        if (round >= rehearsals) results.get(contender)?.push(result);
      }
    }
  } finally {
    for (const child of children.values()) child.stop();
  }
  return results;
}
