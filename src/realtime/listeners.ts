import type { Clock } from '../clock/index.js';
import {
  type AgentChatClientError,
  ConnectionError,
  type HandlerError,
  listenerFailed,
  writeError,
} from '../errors/index.js';
import { checkFunction } from '../http/index.js';
import type { ConnectionState, DisconnectInfo } from './connection/session.js';
import type { GapReason, SequenceGapInfo } from './events.js';
import { RecentErrors } from './explain/journal.js';
import type { ReplicaEvent } from './replicas/tenancy.js';
import { callGuarded } from './util/guarded.js';

/** Who is told of errors. May not throw. */
export interface ErrorListener {
  onError(error: AgentChatClientError): void;
}

/** A function that was added. Added anew after its `off`, it is another one. */
interface Listener<Args extends unknown[]> {
  readonly callback: (...args: Args) => unknown;
}

/** Callbacks of one kind. Each may come and go at any time, also while they are being called. */
export class Listeners<Args extends unknown[]> {
  private entries: readonly Listener<Args>[] = [];

  /** `what` names the callback in errors; `onFailure` gets what one throws. */
  constructor(
    private readonly what: string,
    private readonly onFailure: (error: HandlerError) => void,
  ) {}

  get size(): number {
    return this.entries.length;
  }

  /** Returns its `off`. A function that is there already stays there once. @throws ValidationError for no function */
  add(callback: (...args: Args) => unknown): () => void {
    checkFunction(callback ?? null, 'listener');
    const known = this.entries.find((other) => other.callback === callback);
    const entry: Listener<Args> = known ?? { callback };
    if (known === undefined) this.entries = [...this.entries, entry];
    return () => {
      this.entries = this.entries.filter((other) => other !== entry);
    };
  }

  call(...args: Args): void {
    for (const { callback } of this.entries) {
      callGuarded(
        () => callback(...args),
        (cause) => this.onFailure(listenerFailed(this.what, cause)),
      );
    }
  }
}

/** User code that is told what happens. Nobody waits for it, and what it throws is reported and disturbs nothing. */
export class Observers implements ErrorListener {
  private readonly report = (error: AgentChatClientError): void => this.onError(error);
  readonly errors = new Listeners<[AgentChatClientError]>('onError listener', (error) => {
    this.recentErrors.add(error);
    writeError(error);
  });
  readonly connects = new Listeners<[]>('onConnect listener', this.report);
  readonly disconnects = new Listeners<[DisconnectInfo]>('onDisconnect listener', this.report);
  readonly states = new Listeners<[ConnectionState, ConnectionState]>('onStateChange listener', this.report);
  readonly replicas = new Listeners<[ReplicaEvent]>('onReplica listener', this.report);
  readonly recentErrors: RecentErrors;

  constructor(
    private readonly options: { readonly onSequenceGap?: ((gap: SequenceGapInfo) => void) | undefined },
    clock: Clock,
  ) {
    this.recentErrors = new RecentErrors(clock);
  }

  onError(error: AgentChatClientError): void {
    this.recentErrors.add(error);
    if (this.errors.size > 0) this.errors.call(error);
    // A bot that fails without a word is the worst kind: what nobody listens to is at least written down.
    else writeError(error);
  }

  onGap(gap: SequenceGapInfo): void {
    const { onSequenceGap } = this.options;
    if (onSequenceGap !== undefined) this.guard('onSequenceGap', () => onSequenceGap(gap));
    else if (!gap.recovered) this.onError(missing(gap));
  }

  /** Calls any other function of the user's. `what` names it in the error. */
  guard(what: string, call: () => unknown): void {
    callGuarded(call, (error) => this.onError(listenerFailed(what, error)));
  }
}

const WHY: Readonly<Record<GapReason, string>> = {
  gap_filled: 'history shows some of them in an unusable form',
  gap_fill_failed: 'history did not return them',
  gap_fill_unavailable: 'there is no `client` to read the history',
  buffer_overflow: 'too many messages waited behind them',
};

/** GAP-3: what is missing is named, also where nobody listens to gaps. */
function missing({ conversationId, missing: ranges, reason }: SequenceGapInfo): ConnectionError {
  const seqs = ranges.map(({ from, to }) => (from === to ? String(from) : `${from} to ${to}`)).join(', ');
  return new ConnectionError({
    code: 'MESSAGES_MISSING',
    message: `Missing in ${conversationId}: ${seqs}, because ${WHY[reason]}. They are delivered late if they arrive. With the option \`onSequenceGap\`, that function is told instead.`,
    outcome: 'rejected',
    retryable: false,
  });
}
