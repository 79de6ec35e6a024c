import { AS_IT_IS, askFresh, withServer } from './child.js';
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
  /** Resident before anything was loaded. */
  readonly bareRss: number;
  /** Processor time for connecting them. */
  readonly cpuMs: number;
}

interface Crowd {
  readonly contender: Contender;
  readonly title: string;
  /** Each with a REST client of its own. */
  readonly withRest: boolean;
}

const BARE: Crowd = { contender: RAW, title: RAW.title, withRest: false };
const CLIENT: Crowd = { contender: OURS, title: OURS.title, withRest: false };
const WITH_REST: Crowd = { contender: OURS, title: `${OURS.title} with REST`, withRest: true };
const CROWDS: readonly Crowd[] = [
  BARE,
  CLIENT,
  WITH_REST,
  { contender: OFFICIAL, title: `${OFFICIAL.title} with REST`, withRest: true },
];

/** Many connected clients in one process, none of which has anything to do. */
export const clients: Measurement = {
  name: 'clients',
  async run() {
    const found = new Map<Crowd, Found[]>(CROWDS.map((crowd) => [crowd, []]));
    /** Without a collection, as users see it. */
    const asItIs = new Map<Crowd, Found[]>(CROWDS.map((crowd) => [crowd, []]));
    await withServer('inbox', { rows: 0, conversations: 1 }, async (port) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const crowd of CROWDS) {
          const options = { port, count: CLIENTS, withRest: crowd.withRest };
          found.get(crowd)?.push(await askFresh<Found>(crowd.contender, 'clients', options));
          asItIs.get(crowd)?.push(await askFresh<Found>(crowd.contender, 'clients', options, AS_IT_IS));
        }
      }
    });
    const inAll = (crowd: Crowd) => median((found.get(crowd) ?? []).map(({ after }) => after.rss));
    const each = (crowd: Crowd, kind: keyof Memory) =>
      median((found.get(crowd) ?? []).map((one) => (one.after[kind] - one.before[kind]) / one.clients));
    print(`clients: ${CLIENTS.toLocaleString('en')} in one process, connected, after gc, ${ROUNDS} rounds`);
    for (const crowd of CROWDS) {
      row(
        crowd,
        `the process ${(inAll(crowd) / 1e6).toFixed(0).padStart(4)} MB, ${(inAll(crowd) / inAll(BARE)).toFixed(2)} of raw`,
        `each client ${kilobytes(each(crowd, 'heap'))} of heap, ${kilobytes(each(crowd, 'rss'))} resident`,
      );
    }
    const grown = (crowd: Crowd) =>
      median((asItIs.get(crowd) ?? []).map(({ after, bareRss }) => after.rss - bareRss));
    const cpu = (crowd: Crowd) => median((asItIs.get(crowd) ?? []).map(({ cpuMs }) => cpuMs));
    print('without a collection, the code and all:');
    for (const crowd of CROWDS) {
      row(
        crowd,
        `${(grown(crowd) / 1e6).toFixed(0).padStart(4)} MB more than an empty process, ${(grown(crowd) / grown(BARE)).toFixed(2)} of raw`,
        `${cpu(crowd).toFixed(0)} ms of processor time to connect, ${(cpu(crowd) / cpu(BARE)).toFixed(2)} of raw`,
      );
    }
    return [
      {
        what: 'times the memory of a process with raw sockets',
        value: inAll(CLIENT) / inAll(BARE),
        target: { atMost: 1.3 },
      },
      {
        what: 'times what raw sockets add to an empty process, with REST',
        value: grown(WITH_REST) / grown(BARE),
        target: { atMost: 2.2 },
      },
      {
        what: 'times the processor time of connecting raw sockets, with REST',
        value: cpu(WITH_REST) / cpu(BARE),
        target: { atMost: 2.5 },
      },
    ];
  },
};

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
