import { AS_IT_IS, askFresh, withServer } from './child.js';
import { ALL, OURS, RAW } from './contenders.js';
import { type Measurement, print, row, type Verdict } from './report.js';

interface Shape {
  readonly title: string;
  readonly server: { readonly conversations: number; readonly each: number; readonly loses: string };
  readonly seconds: number;
}

const SHAPES: readonly Shape[] = [
  {
    title: '50,000 messages in 5,000 conversations, one in a hundred lost',
    server: { conversations: 5_000, each: 10, loses: 'one in a hundred' },
    seconds: 6,
  },
  {
    title: 'a thousand gaps of one to three, each in a conversation of its own',
    server: { conversations: 1_000, each: 6, loses: 'runs of one to three' },
    seconds: 10,
  },
];
/** What is not there by then does not come for a while. */
const PATIENCE_MS = 30_000;

interface Handled {
  readonly handled: number;
  readonly ms: number;
}

interface Asked {
  readonly sync: number;
  readonly history: number;
}

/** Many conversations miss something at the same time: how long until everything was handled. */
export const manyGaps: Measurement = {
  name: 'many-gaps',
  async run() {
    const verdicts: Verdict[] = [];
    for (const { title, server, seconds } of SHAPES) {
      print(`many-gaps: ${title}`);
      const count = server.conversations * server.each;
      for (const contender of ALL) {
        if (contender === RAW) continue;
        const { handled, ms, asked } = await withServer('gappy', server, async (port, service) => {
          const options = { port, count, patienceMs: PATIENCE_MS };
          const found = await askFresh<Handled>(contender, 'crowd', options, AS_IT_IS);
          return { ...found, asked: await service.ask<Asked>('asked', {}) };
        });
        row(
          contender,
          `${handled.toLocaleString('en')} of ${count.toLocaleString('en')} handled, the last one after ${(ms / 1000).toFixed(1)} s`,
          `${asked.sync} pages of the queue, ${asked.history} of history`,
        );
        if (contender !== OURS) continue;
        verdicts.push(
          { what: 's until everything was handled', value: ms / 1000, target: { atMost: seconds } },
          { what: 'of the messages handled', value: handled / count, target: { atLeast: 1 } },
        );
      }
    }
    return verdicts;
  },
};
