import type { AgentChatClientError } from '../../errors/index.js';
import { JudgingTimer } from '../util/judging-timer.js';
import { handled, PendingConnect, untilAborted } from '../util/pending-connect.js';
import { describe, errorFor, type Problem } from './endings.js';
import { ConnectionHistory, type ConnectionInsight } from './insight.js';
import { KeyRing } from './key-ring.js';
import { MUCH_UNSENT_BYTES } from './liveness.js';
import { INITIAL, transition } from './machine.js';
import type { ConnectionSettings } from './options.js';
import type { ConnectionListener, ConnectionState, Session, SocketEnd } from './session.js';
import { SocketSlot } from './socket-slot.js';
import type { Effect, Event, State } from './state.js';
import { Teller } from './teller.js';

/**
 * Keeps one authenticated socket to the service: opens it, says hello, notices when it is dead, and opens the next.
 * The rules are in the machine (`transition`); this carries them out.
 */
export class Connection {
  private readonly keys: KeyRing;
  private readonly teller: Teller;
  private readonly slot: SocketSlot;
  private readonly timer: JudgingTimer;
  private readonly history: ConnectionHistory;

  private current: State = INITIAL;
  private readonly queue: Event[] = [];
  private working = false;
  private pending: PendingConnect | null = null;
  private closers: (() => void)[] = [];
  private unwatchNetwork: (() => void) | null = null;

  constructor(
    private readonly settings: ConnectionSettings,
    listener: ConnectionListener,
  ) {
    this.keys = new KeyRing(settings.apiKey);
    this.history = new ConnectionHistory(settings.clock);
    this.teller = new Teller(listener, settings.clock, this.history);
    this.slot = new SocketSlot(settings, this.teller, this.keys, (event) => this.dispatch(event));
    this.timer = new JudgingTimer(settings.clock);
  }

  get state(): ConnectionState {
    return this.current.kind;
  }

  /** The session that frames can be sent on, or `null`. While stopping it is there until `close()`. */
  get session(): Session | null {
    const { current } = this;
    if (current.kind === 'connected') return current.session;
    return current.kind === 'stopping' && current.phase === 'flushing' ? current.session : null;
  }

  /**
   * Resolves when the service has said `hello.ok`, and stays pending through failed attempts. Rejects on a terminal
   * refusal (`UnauthorizedError`, `ForbiddenError`, `ConnectionError`) and, with a `ConnectionError`, when the attempts
   * are exhausted, on abort, on `close()`, and while a stop is under way. Calls at the same time share one promise.
   *
   * `signal`: of the call that began to connect, it ends the trying; of a later call, only that call's waiting. Either
   * way it means nothing any more once connected.
   */
  connect({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (signal?.aborted) return handled(Promise.reject(this.aborted(signal)));
    if (this.current.kind === 'connected') return Promise.resolve();
    const begins = this.pending === null && this.current.kind === 'idle';
    this.pending ??= new PendingConnect();
    const { pending } = this;
    if (begins) pending.watch(signal, () => this.dispatch({ type: 'abort', cause: signal?.reason }));
    this.dispatch({ type: 'connect' });
    if (begins || signal === undefined) return pending.promise;
    return untilAborted(pending.promise, signal, () => this.aborted(signal));
  }

  /** Writes one frame. False when there is no session: nothing was written. */
  send(frame: string): boolean {
    return this.session !== null && this.slot.socket?.send(frame) === true;
  }

  /** False when there is no session, or (BP-3) the peer has much to read yet. A stop writes all the same: there is no later. */
  get takesMore(): boolean {
    const { socket } = this.slot;
    if (this.session === null || socket === null) return false;
    return this.current.kind !== 'connected' || socket.unsentBytes() <= MUCH_UNSENT_BYTES;
  }

  /** Writes frames in one go, in their order. False when nothing was written: it takes no more. */
  write(frames: readonly string[]): boolean {
    return this.takesMore && this.slot.socket?.sendBatch(frames) === true;
  }

  /** STOP-1: nothing is taken in any more; the session stays open for what is still to be sent, until `close()`. */
  beginStop(): void {
    this.dispatch({ type: 'begin_stop' });
  }

  /** BP-2: nothing is read for a moment, where the socket can do that. */
  pauseReading(): void {
    this.slot.socket?.pauseReading?.();
  }

  resumeReading(): void {
    this.slot.socket?.resumeReading?.();
  }

  /** STOP-3: the session stays for acks, as after `beginStop()`, but does not keep the process alive. */
  letGo(): void {
    this.slot.socket?.letGo?.();
  }

  /** Ends the connection, in any state. Resolves when nothing of it is left; the peer gets 250 ms to answer. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.closers.push(resolve);
      this.dispatch({ type: 'close' });
    });
  }

  /** Gives a session up and opens a new one. Means nothing if it is over already. `why` is a sentence for people. */
  replace(session: Session, why: string): void {
    this.dispatch({ type: 'replace', session: session.id, why });
  }

  /** Tells that the network came or went: a session is probed now, a waiting attempt begins now. */
  networkChanged(online: boolean): void {
    this.slot.watch?.networkChanged(online);
    if (online) this.dispatch({ type: 'online' });
  }

  /** Everything that helps to answer "why am I not receiving?", as data. */
  insight(): ConnectionInsight {
    const { current, slot } = this;
    const { url } = this.settings;
    return {
      url,
      state: current.kind,
      idleBecause: current.kind === 'idle' ? this.history.idleBecause : null,
      phase: current.kind === 'connecting' ? current.phase : null,
      session: this.session,
      attempt: current.memory.attempt,
      failuresInARow: current.memory.failures,
      nextAttemptInMs: this.nextAttemptInMs,
      askedToWaitMs: this.askedToWaitMs,
      ...(slot.watch?.insight() ?? { silentForMs: null, pingOutForMs: null }),
      pingsSwallowed: slot.pings.swallowed,
      unsentBytes: slot.socket?.unsentBytes() ?? 0,
      ...this.teller.insight(),
      ...this.history.insight(),
    };
  }

  /** Events that arise while another is being answered wait for their turn. */
  private dispatch(event: Event): void {
    this.queue.push(event);
    if (this.working) return;
    this.working = true;
    const { clock, machine } = this.settings;
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      const at = { now: clock.now(), chance: clock.random() };
      const [state, effects] = transition(machine, this.current, next, at);
      this.current = state;
      for (const effect of effects) {
        // No effect throws by itself. If a part that was injected does, the other effects still happen.
        this.teller.guard(effect.do, () => this.perform(effect));
      }
    }
    this.working = false;
  }

  private perform(effect: Effect): void {
    const { slot, teller, history } = this;
    const { url } = this.settings;
    const { attempt } = this.current.memory;
    switch (effect.do) {
      case 'ask_key':
        history.began(attempt);
        this.askKey(attempt);
        break;
      case 'open':
        slot.open(attempt);
        break;
      case 'hello':
        slot.sayHello();
        break;
      case 'timer': {
        const { timer, delayMs, judges } = effect;
        this.timer.start(
          delayMs,
          () => this.dispatch({ type: 'timer', timer }),
          () => judges,
        );
        break;
      }
      case 'clear_timer':
        this.timer.clear();
        break;
      case 'discard':
        slot.discard(effect.code, effect.reason);
        break;
      case 'say_goodbye':
        slot.sayGoodbye();
        break;
      case 'stop_intake':
        slot.stopIntake();
        break;
      case 'session_start':
        history.connected();
        slot.startIntake(effect.session);
        teller.tell('onSessionStart', (listener) => listener.onSessionStart(effect.session));
        break;
      case 'session_end':
        teller.tell('onSessionEnd', (listener) => listener.onSessionEnd(effect.session));
        break;
      case 'disconnected':
        this.disconnected(effect.end, effect.session);
        break;
      case 'state':
        this.followNetwork(effect.state !== 'idle');
        teller.tell('onStateChange', (listener) => listener.onStateChange(effect.state, effect.previous));
        break;
      case 'report': {
        const { problem } = effect;
        const error = errorFor(problem, url);
        if (problem.kind === 'attempt_failed') history.over(describe(problem.ending, url));
        // What is reported while nothing is tried any more says why.
        if (this.current.kind === 'idle') history.idleBecause = error.message;
        teller.error(error);
        break;
      }
      case 'connect_ok':
        this.pending?.resolve();
        this.pending = null;
        break;
      case 'connect_failed': {
        const error = errorFor(effect.problem, url);
        history.idleBecause = error.message;
        this.givenUp(effect.problem.kind, error);
        this.pending?.reject(error);
        this.pending = null;
        break;
      }
      case 'stopped':
        history.idleBecause = 'disconnect() was called.';
        for (const resolve of this.closers.splice(0)) resolve();
        break;
    }
  }

  private givenUp(how: Problem['kind'], error: AgentChatClientError): void {
    if (how === 'disconnected') return;
    const why = how === 'aborted' ? undefined : error;
    this.teller.tell('onGivenUp', (listener) => listener.onGivenUp(why));
  }

  private disconnected(end: SocketEnd, session: Session | null): void {
    const { clock } = this.settings;
    const lastedMs = session === null ? null : Math.round(clock.now() - session.startedAt);
    const info = { ...end, lastedMs, nextAttemptInMs: this.nextAttemptInMs };
    this.history.closed(this.current.memory.attempt, info);
    this.teller.tell('onDisconnect', (listener) => listener.onDisconnect(info));
  }

  private get nextAttemptInMs(): number | null {
    const { current } = this;
    if (current.kind !== 'waiting') return null;
    return Math.max(Math.round(current.until - this.settings.clock.now()), 0);
  }

  private get askedToWaitMs(): number | null {
    const leftMs = Math.ceil(this.current.memory.notBefore - this.settings.clock.now());
    return leftMs > 0 ? leftMs : null;
  }

  private askKey(attempt: number): void {
    this.keys.ask(
      (key) => {
        // A late answer must not replace the key of the attempt that runs by now.
        if (this.current.kind !== 'connecting' || this.current.memory.attempt !== attempt) return;
        this.dispatch({ type: 'key', attempt, keyNumber: this.keys.use(key) });
      },
      (cause) => this.dispatch({ type: 'ended', attempt, ending: { kind: 'key_failed', cause } }),
    );
  }

  /** The platform's network events are listened to while there is something to connect, and not a moment longer. */
  private followNetwork(follow: boolean): void {
    if (follow) {
      this.unwatchNetwork ??= this.settings.watchNetwork((online) => this.networkChanged(online));
    } else {
      this.unwatchNetwork?.();
      this.unwatchNetwork = null;
    }
  }

  private aborted(signal: AbortSignal) {
    return errorFor({ kind: 'aborted', cause: signal.reason }, this.settings.url);
  }
}
