import { askFresh, type Child, FOR_SPEED, inTurns, withServer } from './child.js';
import { ALL, type Contender, OURS, RAW } from './contenders.js';
import { type Measurement, median, medianRatio, print, row, type Verdict } from './report.js';

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

type Asked = (contender: Contender, limit: number) => Promise<Drained>;

function verdictOf(title: string, results: ReadonlyMap<Contender, readonly Drained[]>): Verdict {
  const handled = (contender: Contender) => (results.get(contender) ?? []).map(({ handledMs }) => handledMs);
  print(`${title}: ${ROWS.toLocaleString('en')} rows, ${CONVERSATIONS} conversations, ${ROUNDS} rounds`);
  for (const [contender, drained] of results) {
    const acked = median(drained.map(({ ackedMs }) => ackedMs));
    row(
      contender,
      `handled after ${median(handled(contender)).toFixed(0).padStart(4)} ms, acknowledged after ${acked.toFixed(0).padStart(4)} ms`,
      `${medianRatio(handled(RAW_LOOP), handled(contender)).toFixed(2)} of the bare loop`,
    );
  }
  const value = medianRatio(handled(RAW_LOOP), handled(OURS));
  return { what: `of a bare fetch loop with pages of 200 (${title})`, value, target: { atLeast: 1 } };
}

/** Fills the queue and has somebody drain it. */
async function drainOnce(server: Child, contender: Contender, ask: Asked): Promise<Drained> {
  await server.ask('refill', {});
  const drained = await ask(contender, contender === MORE_ROWS ? 500 : 200);
  if (drained.handled < ROWS) throw new Error(`${contender.title} drained ${drained.handled} rows`);
  return drained;
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
        run: (child, contender) =>
          drainOnce(server, contender, (_, limit) => child.ask('drain', { port, rows: ROWS, limit })),
      }),
    );
    return [verdictOf('drain', results)];
  },
};

/** The same in processes that have done nothing before, as after a restart. */
export const coldDrain: Measurement = {
  name: 'cold-drain',
  async run() {
    const results = new Map<Contender, Drained[]>(CONTENDERS.map((contender) => [contender, []]));
    await withServer('inbox', { rows: ROWS, conversations: CONVERSATIONS }, async (port, server) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const order = round % 2 === 0 ? CONTENDERS : [...CONTENDERS].reverse();
        for (const contender of order) {
          const drained = await drainOnce(server, contender, (fresh, limit) =>
            askFresh(fresh, 'drain', { port, rows: ROWS, limit }, FOR_SPEED),
          );
          results.get(contender)?.push(drained);
        }
      }
    });
    return [verdictOf('cold-drain', results)];
  },
};
