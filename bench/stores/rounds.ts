import { AS_IT_IS, Child } from '../realtime/child.js';
import { ALL, type Engine } from './engines.js';

const BOT = new URL('./bot.mjs', import.meta.url).href;

/** How long it took, and how long the process of the bot worked for it. */
export interface Elapsed {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/**
 * Rounds in which the engines take turns, there and back, so that whatever else the machine does hits them alike. Each time with a
 * new store, and a process that has done nothing before.
 */
export async function inRounds(
  rounds: number,
  task: 'inbound' | 'claims' | 'bareWrites',
  options: object,
): Promise<ReadonlyMap<Engine, readonly Elapsed[]>> {
  const found = new Map<Engine, Elapsed[]>(ALL.map((engine) => [engine, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const engine of round % 2 === 0 ? ALL : ALL.toReversed()) {
      found.get(engine)?.push(await once(engine, task, options));
    }
  }
  return found;
}

async function once({ name, newHome }: Engine, task: string, options: object): Promise<Elapsed> {
  const { address, remove } = await newHome();
  const bot = await Child.start(BOT, name, AS_IT_IS);
  try {
    return await bot.ask<Elapsed>(task, { ...options, address });
  } finally {
    bot.stop();
    await remove();
  }
}
