import type { Clock } from '../../clock/index.js';
import { AgentChatClientError, ProtocolError } from '../../errors/index.js';
import { ReportThrottle } from '../util/report-throttle.js';
import type { ConnectionHistory, ConnectionInsight } from './insight.js';
import type { ConnectionListener, FrameTaker } from './session.js';

/**
 * Everything that leaves the connection for its owner goes through here. The owner's calls may not throw; when one
 * does all the same, the socket does not notice (an exception that escapes into `ws` would wedge it for ever).
 */
export class Teller {
  private readonly badFrames = new ReportThrottle();
  private readonly failures = new ReportThrottle();

  constructor(
    private readonly listener: ConnectionListener,
    private readonly clock: Clock,
    private readonly history: ConnectionHistory,
  ) {}

  get inbox(): FrameTaker {
    return this.listener.inbox;
  }

  /** Every other call. `name` is the call's. */
  tell(name: keyof ConnectionListener, call: (listener: ConnectionListener) => void): void {
    this.guard(name, () => call(this.listener));
  }

  error(error: AgentChatClientError): void {
    this.history.told(error.message);
    try {
      this.listener.onError(error);
    } catch {
      // Whoever is told of errors fails at being told: counting it is all that is left.
      this.failures.admit(this.clock.now());
    }
  }

  /** A frame that could not be used. It is dropped; the socket lives on. */
  badFrame(problem: string): void {
    if (!this.badFrames.admit(this.clock.now())) return;
    this.error(
      new ProtocolError({
        message: `A frame from the service was dropped: ${problem}. If this goes on, check baseUrl and what stands between you and the service.`,
        retryable: false,
        outcome: 'rejected',
      }),
    );
  }

  /** Does what may not throw, and goes on if it does. */
  guard(name: string, call: () => void): void {
    try {
      call();
    } catch (cause) {
      this.failed(name, cause);
    }
  }

  insight(): Pick<ConnectionInsight, 'badFrames' | 'listenerFailures'> {
    return { badFrames: this.badFrames.count, listenerFailures: this.failures.count };
  }

  failed(name: string, cause: unknown): void {
    if (!this.failures.admit(this.clock.now())) return;
    this.error(
      new AgentChatClientError({
        code: 'LISTENER_FAILED',
        message: `A call of ${name} threw. The connection goes on; find the reason in \`cause\` and mend it.`,
        retryable: false,
        outcome: 'unknown',
        cause,
      }),
    );
  }
}
