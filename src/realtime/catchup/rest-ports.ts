import type { Clock } from '../../clock/index.js';
import type { AgentChatError } from '../../errors/index.js';
import type { Counters } from '../explain/counters.js';
import type { RealtimeSource } from '../source.js';
import type { RestGate } from './rest-gate.js';

/** Who is told of errors. */
export interface ErrorListener {
  onError(error: AgentChatError): void;
}

/** What everything that works through REST in the background is given for it. */
export interface RestPorts {
  readonly clock: Clock;
  readonly source: RealtimeSource;
  readonly rest: RestGate;
  readonly counters: Counters;
  readonly listener: ErrorListener;
}
