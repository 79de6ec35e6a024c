import { askFresh, withServer } from './child.js';
import { type Contender, OFFICIAL, OURS } from './contenders.js';
import { type Measurement, median, print, row, type Verdict } from './report.js';

/** Each conversation loses at most one frame: what closes a gap is what was learned from the others. */
const SERVER = { forMs: 20_000, tickMs: 10, perTick: 4, conversations: 101, loseOneIn: 100 };
/** The official client waits for two seconds before it asks. */
const GRACE_MS = 4_000;
const LEARNING_MS = 5_000;

interface Gaps {
  readonly times: readonly { readonly openedMs: number; readonly ms: number }[];
  readonly lost: number;
}

/** Frames that are lost for good, and a client that has learned that waiting for them is pointless. */
export const gap: Measurement = {
  name: 'gap',
  async run() {
    print(
      `gap: one frame in ${SERVER.loseOneIn} is lost; from the frame behind it to the lost one's handler`,
    );
    const verdicts: Verdict[] = [];
    for (const contender of [OURS, OFFICIAL]) {
      const ours = contender === OURS;
      const { times, lost } = await gapsOf(contender, ours ? { gapFillWindowMs: 'adaptive' } : {});
      const learned = times.filter(({ openedMs }) => !ours || openedMs >= LEARNING_MS).map(({ ms }) => ms);
      const slowest = Math.max(...learned);
      row(
        contender,
        `${times.length} of ${lost} gaps closed${ours ? `, ${learned.length} after ${LEARNING_MS / 1000} s of learning` : ''}`,
        `median ${median(learned).toFixed(1)} ms, slowest ${slowest.toFixed(0)} ms`,
      );
      if (!ours) continue;
      verdicts.push(
        { what: 'ms until a gap is closed, at the slowest', value: slowest, target: { atMost: 200 } },
        { what: 'of the gaps closed', value: times.length / lost, target: { atLeast: 1 } },
      );
    }
    return verdicts;
  },
};

function gapsOf(contender: Contender, options: object): Promise<Gaps> {
  return withServer('lossy', SERVER, (port) =>
    askFresh<Gaps>(contender, 'gaps', { port, graceMs: GRACE_MS, options }),
  );
}
