import { withServer } from '../realtime/child.js';
import { type Measurement, median, medianRatio, print, row, type Verdict } from '../realtime/report.js';
import { ALL, type Engine, MEMORY } from './engines.js';
import { type Elapsed, inRounds } from './rounds.js';

const MESSAGES = 20_000;
const ROUNDS = 5;

/** Messages that come by the socket, are handled at once, and are acknowledged when the store has them. */
export const inbound: Measurement = {
  name: 'inbound',
  async run() {
    const verdicts: Verdict[] = [];
    for (const conversations of [1, 1_000]) verdicts.push(...(await inboundOf(conversations)));
    return verdicts;
  },
};

async function inboundOf(conversations: number): Promise<Verdict[]> {
  const load = { conversations, each: MESSAGES / conversations, loses: 'none' };
  const found = await withServer('gappy', load, (port) =>
    inRounds(ROUNDS, 'inbound', { port, count: MESSAGES }),
  );
  const times = (engine: Engine, kind: keyof Elapsed) =>
    (found.get(engine) ?? []).map((elapsed) => elapsed[kind]);
  const ratio = (engine: Engine, kind: keyof Elapsed) =>
    medianRatio(times(MEMORY, kind), times(engine, kind));
  const inTurn = `${conversations.toLocaleString('en')} conversation${conversations === 1 ? '' : 's'}`;
  print(`inbound: ${MESSAGES.toLocaleString('en')} messages with acks, ${inTurn}, ${ROUNDS} rounds`);
  for (const engine of ALL) {
    const perSecond = Math.round((MESSAGES / median(times(engine, 'wallMs'))) * 1000).toLocaleString('en');
    const byWork = ratio(engine, 'cpuMs').toFixed(2);
    row(
      engine,
      `${perSecond.padStart(9)} a second`,
      `${ratio(engine, 'wallMs').toFixed(2)} of memory (${byWork} by processor time)`,
    );
  }
  return ALL.flatMap((engine) => {
    const { title, target } = engine;
    if (target === undefined) return [];
    return [{ what: `of inbound with memory: ${title}, ${inTurn}`, value: ratio(engine, 'wallMs'), target }];
  });
}
