import type { Exit } from '../../test/e2e/child.js';
import type { BotCount, BotStop, MemorySample } from './bot.js';
import { growthOf } from './memory.js';
import type { ServiceLook } from './service.js';
import { megabytes, shown } from './words.js';

/** What a soak has shown. */
export interface Findings {
  readonly bot: BotCount;
  /** When all was said to be over at the bot, and when its process was gone. */
  readonly service: { readonly settled: ServiceLook; readonly afterwards: ServiceLook };
  /** How many messages each conversation has at the service. */
  readonly stored: Readonly<Record<string, number>>;
  /** While messages were sent. */
  readonly memory: readonly MemorySample[];
  /** Null where `disconnect()` did not come to its end, or the process did not end by itself. */
  readonly stop: BotStop | null;
  readonly exit: Exit | null;
}

/** Something that the package promises, and what became of it. */
export interface Promised {
  readonly promise: string;
  readonly kept: boolean;
  readonly found: string;
}

const LATEST_MS = 10_000;
/** In half a run. A hundred bytes for each of 48,000 messages would be more. */
const MOST_HEAP_GROWTH_BYTES = 4 * 1024 * 1024;
/** What the process has of the system goes up and down with what was free when it asked. */
const MOST_RSS_GROWTH_BYTES = 32 * 1024 * 1024;

export function judge(findings: Findings): Promised[] {
  const { bot, service } = findings;
  const { heapBytes, rssBytes } = growthOf(findings.memory);
  const wrong = deliveryFaults(findings);
  const { held, waiting, missing, parked, pendingAcks } = bot.explanation.totals;
  const remains = held + waiting + missing + parked + pendingAcks;
  return [
    {
      promise: 'every message is handled once, and in the order of its conversation',
      kept: wrong.length === 0,
      found:
        wrong.length === 0 ? `${shown(bot.handled)} of ${shown(service.settled.stored)}` : wrong.join('; '),
    },
    {
      promise: 'what is handled is acknowledged',
      kept: service.settled.undelivered === 0,
      found: `${shown(service.settled.undelivered)} not acknowledged in the end`,
    },
    {
      promise: `99 of 100 messages reach their handler within ${LATEST_MS / 1_000} s`,
      kept: bot.latency.p99 < LATEST_MS,
      found: `p50 ${shown(bot.latency.p50)} ms, p99 ${shown(bot.latency.p99)} ms, max ${shown(bot.latency.max)} ms`,
    },
    {
      promise: `the heap is flat: it grows by less than ${megabytes(MOST_HEAP_GROWTH_BYTES)} from the second quarter to the last`,
      kept: heapBytes < MOST_HEAP_GROWTH_BYTES,
      found: megabytes(heapBytes),
    },
    {
      promise: `the memory of the process is flat: it grows by less than ${megabytes(MOST_RSS_GROWTH_BYTES)} likewise`,
      kept: rssBytes < MOST_RSS_GROWTH_BYTES,
      found: megabytes(rssBytes),
    },
    {
      promise: 'explain() says in the end that the bot is connected and that nothing waits',
      kept: bot.explanation.state === 'connected' && bot.explanation.heldBack === null && remains === 0,
      found: `"${bot.explanation.summary}"; ${remains} wait`,
    },
    stopPromise(findings),
  ];
}

function deliveryFaults({ bot, stored }: Findings): string[] {
  const wrong: string[] = [];
  if (bot.faultCount > 0)
    wrong.push(`${bot.faultCount} calls out of order or repeated (${bot.faults.join(', ')})`);
  const lost = Object.entries(stored).filter(([id, seq]) => bot.through[id] !== seq);
  const [first] = lost;
  if (first !== undefined) {
    const [id, seq] = first;
    wrong.push(
      `${lost.length} conversations unfinished (${id}: handled to ${bot.through[id] ?? 0} of ${seq})`,
    );
  }
  if (bot.unrecovered > 0) wrong.push(`${bot.unrecovered} gaps given up`);
  return wrong;
}

function stopPromise({ stop, exit, service }: Findings): Promised {
  const left = stop === null ? 'disconnect() did not come to its end' : JSON.stringify(stop.left);
  const { connections } = service.afterwards;
  return {
    promise: 'disconnect() leaves nothing behind, and the process ends by itself',
    kept: left === '{}' && exit?.code === 0 && connections === 0,
    found: [
      stop === null ? left : `${shown(stop.tookMs)} ms, handles left: ${left}`,
      exit === null ? 'the process did not end' : `exit ${exit.code ?? exit.signal}`,
      `${connections} sockets open at the service`,
    ].join(', '),
  };
}
