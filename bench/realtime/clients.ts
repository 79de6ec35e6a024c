import { askFresh, withServer } from './child.js';
import { type Contender, OFFICIAL, OURS, RAW } from './contenders.js';
import { type Measurement, median, print, row } from './report.js';

const CLIENTS = 1_000;
const ROUNDS = 5;

interface Memory {
  readonly heap: number;
  readonly rss: number;
}

interface Found {
  readonly before: Memory;
  readonly after: Memory;
  readonly clients: number;
}

/** Many connected clients in one process, none of which has anything to do. */
export const clients: Measurement = {
  name: 'clients',
  async run() {
    const contenders = [RAW, OURS, ...(OFFICIAL === null ? [] : [OFFICIAL])];
    const found = new Map<Contender, Found[]>(contenders.map((contender) => [contender, []]));
    await withServer('stream', { count: 0, conversations: 1, acks: true }, async (port) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const contender of contenders) {
          const options = { port, count: CLIENTS, withRest: false };
          found.get(contender)?.push(await askFresh<Found>(contender, 'clients', options));
        }
      }
    });
    const each = (contender: Contender, kind: keyof Memory) =>
      median(
        (found.get(contender) ?? []).map(
          ({ before, after, clients }) => (after[kind] - before[kind]) / clients,
        ),
      );
    const times = (contender: Contender, kind: keyof Memory) => each(contender, kind) / each(RAW, kind);
    print(`clients: ${CLIENTS.toLocaleString('en')} in one process, connected, ${ROUNDS} rounds`);
    for (const contender of contenders) {
      const cells = (['heap', 'rss'] as const).map(
        (kind) =>
          `${kind} ${(each(contender, kind) / 1000).toFixed(1).padStart(5)} kB each, ${times(contender, kind).toFixed(2)} of raw`,
      );
      row(contender, ...cells);
    }
    return [
      { what: "times a raw socket's heap", value: times(OURS, 'heap'), target: { atMost: 1.3 } },
      { what: "times a raw socket's resident memory", value: times(OURS, 'rss'), target: { atMost: 1.3 } },
    ];
  },
};
