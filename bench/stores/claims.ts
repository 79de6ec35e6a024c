import { type Measurement, median, print, row } from '../realtime/report.js';
import { ALL, type Engine } from './engines.js';
import { type Elapsed, inRounds } from './rounds.js';

const ROUNDS = 5;

/** So many keys, so many at a time: one after the other, and as many as there are handlers at work by default. */
const LOADS = [
  { count: 300, atOnce: 1 },
  { count: 6_400, atOnce: 64 },
];

/** What it costs to claim a message and to commit it, beside a bare write of the engine. No targets: disks differ. */
export const claims: Measurement = {
  name: 'claims',
  async run() {
    for (const load of LOADS) {
      const { count, atOnce } = load;
      const pairs = await inRounds(ROUNDS, 'claims', load);
      const writes = await inRounds(ROUNDS, 'bareWrites', load);
      print(`claims: ${count.toLocaleString('en')} keys, ${atOnce} at a time, ${ROUNDS} rounds`);
      for (const engine of ALL) {
        const claimed = perSecond(count, pairs, engine);
        const written = perSecond(count, writes, engine);
        row(
          engine,
          `${shown(claimed)} claims with commits a second`,
          `${shown(written)} bare writes a second`,
          `${((claimed * 2) / written).toFixed(2)} of those (two writes each)`,
        );
      }
      print();
    }
    return [];
  },
};

function perSecond(count: number, found: ReadonlyMap<Engine, readonly Elapsed[]>, engine: Engine): number {
  return (count / median((found.get(engine) ?? []).map(({ wallMs }) => wallMs))) * 1000;
}

function shown(rate: number): string {
  return Math.round(rate).toLocaleString('en').padStart(9);
}
