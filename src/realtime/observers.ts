import type { Clock } from '../clock/index.js';
import type { AgentChatError } from '../errors/index.js';
import type { ConnectionState, DisconnectInfo } from './connection/session.js';
import type { SequenceGapInfo } from './events.js';
import { callGuarded, Listeners, listenerFailed } from './listeners.js';
import type { RealtimeOptions } from './options.js';
import { RecentErrors } from './recent-errors.js';

/** User code that is told what happens. Nobody waits for it, and what it throws is reported and disturbs nothing. */
export class Observers {
  readonly errors = new Listeners<[AgentChatError]>('onError listener', (error) => {
    this.recentErrors.add(error);
    write(error);
  });
  readonly connects = new Listeners<[]>('onConnect listener', (error) => this.report(error));
  readonly disconnects = new Listeners<[DisconnectInfo]>('onDisconnect listener', (error) =>
    this.report(error),
  );
  readonly states = new Listeners<[ConnectionState, ConnectionState]>('onStateChange listener', (error) =>
    this.report(error),
  );

  readonly recentErrors: RecentErrors;

  constructor(
    private readonly options: Pick<RealtimeOptions, 'onSequenceGap'>,
    clock: Clock,
  ) {
    this.recentErrors = new RecentErrors(clock);
  }

  report(error: AgentChatError): void {
    this.recentErrors.add(error);
    if (this.errors.size > 0) this.errors.call(error);
    // A bot that fails without a word is the worst kind: what nobody listens to is at least written down.
    else write(error);
  }

  gap(gap: SequenceGapInfo): void {
    const { onSequenceGap } = this.options;
    if (onSequenceGap !== undefined) this.guard('onSequenceGap', () => onSequenceGap(gap));
  }

  /** Calls any other function of the user's. `what` names it in the error. */
  guard(what: string, call: () => unknown): void {
    callGuarded(call, (error) => this.report(listenerFailed(what, error)));
  }
}

function write({ message }: AgentChatError): void {
  console.error(`agentchat-client: ${message}`);
}
