import { reception } from './reception.js';
import type { Measurement, Verdict } from './report.js';

/** The hot path: messages that come in order, and handlers that return at once. */
export const inOrder: Measurement = {
  name: 'in-order',
  async run() {
    const verdicts: Verdict[] = [];
    for (const conversations of [1, 10_000]) {
      const value = await reception({ count: 20_000, conversations, acks: false });
      const what = `of the raw loop, ${conversations.toLocaleString('en')} in turn`;
      verdicts.push({ what, value, target: { atLeast: 0.85 } });
    }
    return verdicts;
  },
};
