import { inTurns, withServer } from './child.js';
import { ALL, type Contender, OURS, RAW } from './contenders.js';
import { type Measurement, median, medianRatio, print, row } from './report.js';

const ROWS = 10_000;
const CONVERSATIONS = 100;
const ROUNDS = 9;
const MORE_ROWS: Contender = { name: 'raw', title: 'fetch + json, pages of 500' };
const RAW_LOOP: Contender = { ...RAW, title: 'fetch + json, pages of 200' };
const CONTENDERS = [RAW_LOOP, MORE_ROWS, ...ALL.filter((contender) => contender !== RAW)];

interface Drained {
  readonly handled: number;
  readonly handledMs: number;
  readonly ackedMs: number;
}

/** What was missed offline: from `hello.ok` to the last handler, and to the last acknowledgement. */
export const drain: Measurement = {
  name: 'drain',
  async run() {
    const results = await withServer('inbox', { rows: ROWS, conversations: CONVERSATIONS }, (port, server) =>
      inTurns({
        contenders: CONTENDERS,
        rehearsals: 2,
        rounds: ROUNDS,
        run: async (child, contender) => {
          await server.ask('refill', {});
          const limit = contender === MORE_ROWS ? 500 : 200;
          const drained = await child.ask<Drained>('drain', { port, rows: ROWS, limit });
          if (drained.handled < ROWS) throw new Error(`${contender.title} drained ${drained.handled} rows`);
          return drained;
        },
      }),
    );
    const handled = (contender: Contender) =>
      (results.get(contender) ?? []).map(({ handledMs }) => handledMs);
    print(`drain: ${ROWS.toLocaleString('en')} rows, ${CONVERSATIONS} conversations, ${ROUNDS} rounds`);
    for (const [contender, drained] of results) {
      const acked = median(drained.map(({ ackedMs }) => ackedMs));
      row(
        contender,
        `handled after ${median(handled(contender)).toFixed(0).padStart(4)} ms, acknowledged after ${acked.toFixed(0).padStart(4)} ms`,
        `${medianRatio(handled(RAW_LOOP), handled(contender)).toFixed(2)} of the bare loop`,
      );
    }
    const value = medianRatio(handled(RAW_LOOP), handled(OURS));
    return [{ what: 'of a bare fetch loop with pages of 200', value, target: { atLeast: 1 } }];
  },
};
