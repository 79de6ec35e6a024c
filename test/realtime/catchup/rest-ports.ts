import type { Clock } from '../../../src/clock/index.js';
import type { AgentChatClientError } from '../../../src/errors/index.js';
import { Complaints } from '../../../src/realtime/catchup/answers.js';
import type { RestPorts } from '../../../src/realtime/catchup/rest-gate.js';
import { RestGate } from '../../../src/realtime/catchup/rest-gate.js';
import { newCounters } from '../../../src/realtime/explain/counters.js';
import type { RealtimeSource } from '../../../src/realtime/index.js';
import { ServiceClock } from '../../../src/realtime/service-clock.js';
import { Lives } from '../../../src/realtime/util/life.js';

/** What a part that works through REST is given, around a source that has only what the test needs. */
export function restPorts(
  clock: Clock,
  source: Partial<Record<keyof RealtimeSource, unknown>>,
  onError: (error: AgentChatClientError) => void = () => {},
): RestPorts {
  const rest = new RestGate(clock, 20);
  return {
    clock,
    source: source as unknown as RealtimeSource,
    rest,
    serviceClock: new ServiceClock(clock, { onError }),
    counters: newCounters(),
    lives: new Lives(),
    listener: { onError },
    complaints: new Complaints({ onError }),
  };
}
