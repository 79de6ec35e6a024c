import { reception } from './reception.js';
import type { Measurement } from './report.js';

/** The same, and every message is acknowledged: the raw loop writes each acknowledgement by itself. */
export const acks: Measurement = {
  name: 'acks',
  async run() {
    const value = await reception({ count: 10_000, conversations: 20, acks: true });
    return [{ what: 'times the loop that writes each ack by itself', value, target: { atLeast: 1.5 } }];
  },
};
