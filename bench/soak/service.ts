// The service of a soak, in a process of its own. Told 'start', 'hush', 'calm', 'count' and 'end', in this order.
import { FloodServer } from '../../test/e2e/flood-server.js';
import { mulberry32 } from '../../test/support/mulberry32.js';
import type { SoakOptions } from './options.js';
import { outliveInterrupts } from './outlive-interrupts.js';
import { Traffic } from './traffic.js';
import { Trouble } from './trouble.js';

export type ServiceSetup = Pick<SoakOptions, 'seed' | 'rate' | 'conversations'>;

/** What stands at the service at one moment. */
export interface ServiceLook {
  readonly kind: 'look';
  readonly stored: number;
  /** Messages that the bot has not acknowledged. */
  readonly undelivered: number;
  /** Sockets of the bot that are open. */
  readonly connections: number;
  /** Sockets of the bot that were ever let in. */
  readonly sessions: number;
  readonly cuts: number;
  readonly lostFrames: number;
  readonly calls: number;
  readonly failedCalls: number;
}

export type ServiceTold =
  | { readonly kind: 'open'; readonly url: string; readonly apiKey: string }
  | ServiceLook
  /** How many messages each conversation has. */
  | { readonly kind: 'count'; readonly stored: Readonly<Record<string, number>> };

const LOOK_EVERY_MS = 500;

const tell = (told: ServiceTold) => process.send?.(told);
const { seed, rate, conversations }: ServiceSetup = JSON.parse(process.argv[2] ?? '{}');
const server = await FloodServer.open({
  mode: 'ack',
  senders: conversations,
  heartbeat: { intervalMs: 45_000, timeoutMs: 30_000 },
  seed,
  content: { text: 'How much is the fish? '.repeat(5) },
});
const traffic = new Traffic(server, rate, conversations, mulberry32(seed));
const trouble = new Trouble(server, mulberry32(seed + 1));
outliveInterrupts();

const looking = setInterval(() => tell(look()), LOOK_EVERY_MS);
const orders: Readonly<Record<string, () => void>> = {
  start() {
    traffic.start();
    trouble.start();
  },
  hush: () => traffic.stop(),
  calm: () => trouble.stop(),
  count: () => tell({ kind: 'count', stored: Object.fromEntries(server.stored()) }),
  async end() {
    clearInterval(looking);
    traffic.stop();
    trouble.stop();
    await server.close();
    process.exit();
  },
};
process.on('message', (order) => orders[String(order)]?.());
tell({ kind: 'open', url: server.url, apiKey: server.apiKey });

function look(): ServiceLook {
  const { dropFrames, restCut, restUnavailable } = server.faults.counts();
  return {
    kind: 'look',
    stored: server.pushed,
    undelivered: server.undeliveredCount,
    connections: server.connections,
    sessions: server.sessions,
    cuts: trouble.cuts,
    lostFrames: dropFrames,
    calls: server.calls,
    failedCalls: restCut + restUnavailable,
  };
}
