import type { Clock } from '../../clock/index.js';
import type { Counters } from '../explain/counters.js';
import type { ErrorListener } from '../listeners.js';
import type { RealtimeSource } from '../source.js';
import type { RestGate } from './rest-gate.js';

/** What everything that works through REST in the background is given for it. */
export interface RestPorts {
  readonly clock: Clock;
  readonly source: RealtimeSource;
  readonly rest: RestGate;
  readonly counters: Counters;
  readonly listener: ErrorListener;
}
