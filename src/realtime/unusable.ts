import type { Clock } from '../clock/index.js';
import { type AgentChatError, ProtocolError } from '../errors/index.js';
import type { Counters } from './explain/counters.js';
import { ReportThrottle } from './util/report-throttle.js';

/** Longer names from the wire are cut. */
const LONGEST_NAME = 100;

/** Tells of frames that cannot be given to any handler, whatever `validate` says. */
export class Unusable {
  private readonly throttle = new ReportThrottle();

  constructor(
    private readonly clock: Clock,
    private readonly counters: Counters,
    private readonly onError: (error: AgentChatError) => void,
  ) {}

  /** Each message is told: nothing is lost unless a report names it. */
  message(payload: unknown, problem: string): void {
    this.counters.malformed += 1;
    const message = `A message.new frame cannot be used: ${problem}${nameOf(payload)}.`;
    this.onError(new ProtocolError({ message }));
  }

  /** Other events are worth a few words a minute; all of them are counted. */
  event(type: string, problem: string): void {
    this.counters.malformed += 1;
    if (!this.throttle.admit(this.clock.now())) return;
    this.onError(new ProtocolError({ message: `A ${type} frame cannot be used: ${problem}.` }));
  }
}

/** What a message that cannot be used says about itself. */
function nameOf(payload: unknown): string {
  const fields = (typeof payload === 'object' && payload !== null ? payload : {}) as Record<string, unknown>;
  const names = ['id', 'conversation_id', 'seq'].flatMap((name) => {
    const value = fields[name];
    if (typeof value === 'number') return [`${name} ${value}`];
    return typeof value === 'string' && value !== '' ? [`${name} ${value.slice(0, LONGEST_NAME)}`] : [];
  });
  return names.length === 0 ? '' : ` (${names.join(', ')})`;
}
