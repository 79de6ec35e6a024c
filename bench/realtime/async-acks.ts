import { type HandlerKind, reception } from './reception.js';
import type { Measurement, Verdict } from './report.js';

const KINDS: readonly HandlerKind[] = ['async', 'microtask', 'immediate'];

/** The same with handlers that return promises. The raw loop awaits each, then writes its acknowledgement. */
export const asyncAcks: Measurement = {
  name: 'async-acks',
  async run() {
    const verdicts: Verdict[] = [];
    for (const handler of KINDS) {
      const value = await reception({ count: 10_000, conversations: 20, acks: true, handler });
      const what = `times the loop that awaits and acknowledges one by one, ${handler} handlers`;
      verdicts.push({ what, value, target: { atLeast: 1.8 } });
    }
    return verdicts;
  },
};
