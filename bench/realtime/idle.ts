import { askFresh, withServer } from './child.js';
import { type Contender, OFFICIAL, OURS, RAW } from './contenders.js';
import { type Measurement, median, print, row } from './report.js';

const CONVERSATIONS = 100_000;
const LARGE = { conversations: 20, padding: 1_000_000 };
const ROUNDS = 3;

interface Memory {
  readonly heap: number;
}

/** What a conversation costs in which nothing happens. */
export const idle: Measurement = {
  name: 'idle',
  async run() {
    const bare = await kept(RAW, CONVERSATIONS, 0);
    const ours = await kept(OURS, CONVERSATIONS, 0);
    const large = await kept(OURS, LARGE.conversations, LARGE.padding);
    print(`idle: ${CONVERSATIONS.toLocaleString('en')} conversations after one message each, heap after gc`);
    row({ title: 'the id alone' }, `${bare.toFixed(0)} bytes`);
    row(OURS, `${ours.toFixed(0)} bytes, ${(ours - bare).toFixed(0)} without the id`);
    row(OFFICIAL, `${(await kept(OFFICIAL, CONVERSATIONS, 0)).toFixed(0)} bytes`);
    const parents = `${(large / 1000).toFixed(0)} kB for each that got 1 MB of text`;
    row({ title: 'ids cut out of large frames' }, parents);
    return [
      { what: 'bytes per idle conversation, its id included', value: ours, target: { atMost: 160 } },
      {
        what: 'bytes kept of a message of 1 MB, in a conversation of its own',
        value: large,
        target: { atMost: LARGE.padding / 10 },
      },
    ];
  },
};

/** Bytes per conversation. */
async function kept(contender: Contender, conversations: number, padding: number): Promise<number> {
  const found: number[] = [];
  await withServer('stream', { count: conversations, conversations, acks: false, padding }, async (port) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const options = { port, count: conversations };
      const { before, after } = await askFresh<Record<'before' | 'after', Memory>>(
        contender,
        'idle',
        options,
      );
      found.push((after.heap - before.heap) / conversations);
    }
  });
  return median(found);
}
