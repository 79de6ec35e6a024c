import type { Ending } from '../../../src/realtime/connection/endings.js';
import { INITIAL, transition } from '../../../src/realtime/connection/machine.js';
import type { Effect, Event, MachineSettings, State } from '../../../src/realtime/connection/state.js';

export const SETTINGS: MachineSettings = {
  reconnectsAtOnce: false,
  reconnectIntervalMs: 500,
  maxReconnectIntervalMs: 30_000,
  maxReconnectAttempts: Number.POSITIVE_INFINITY,
  openTimeoutMs: 4_000,
  helloTimeoutMs: 4_000,
  keySource: 'fixed',
};

/** A machine with a clock hand: `at` sets the time, `on` sends an event. Jitter is in the middle, so delays are exact. */
export class Machine {
  state: State = INITIAL;
  effects: readonly Effect[] = [];
  now = 0;
  private readonly settings: MachineSettings;

  constructor(settings: Partial<MachineSettings> = {}) {
    this.settings = { ...SETTINGS, ...settings };
  }

  at(now: number): this {
    this.now = now;
    return this;
  }

  on(event: Event): this {
    [this.state, this.effects] = transition(this.settings, this.state, event, { now: this.now, chance: 0.5 });
    return this;
  }

  get done(): string[] {
    return this.effects.map((effect) => effect.do);
  }

  get attempt(): number {
    return this.state.memory.attempt;
  }

  get timer(): number {
    return this.state.memory.timer;
  }

  effect<D extends Effect['do']>(name: D): Effect & { do: D } {
    const found = this.effects.find((effect): effect is Effect & { do: D } => effect.do === name);
    if (found === undefined) throw new Error(`no effect ${name} in ${this.done.join(', ')}`);
    return found;
  }

  /** The timer that runs fires now. */
  fire(): this {
    return this.on({ type: 'timer', timer: this.timer });
  }

  opening(keyNumber = 1): this {
    this.on({ type: 'connect' });
    return this.key(keyNumber);
  }

  key(keyNumber = 1): this {
    return this.on({ type: 'key', attempt: this.attempt, keyNumber });
  }

  authenticating(keyNumber = 1): this {
    return this.opening(keyNumber).on({ type: 'opened', attempt: this.attempt });
  }

  connected(): this {
    return this.authenticating().helloOk();
  }

  helloOk(): this {
    return this.on({ type: 'hello_ok', attempt: this.attempt, ackMode: true });
  }

  end(ending: Ending): this {
    return this.on({ type: 'ended', attempt: this.attempt, ending });
  }

  closed(code: number, reason = ''): this {
    return this.end({ kind: 'closed', code, reason, wasClean: code !== 1006 });
  }

  /** From `waiting`, to the end of the next attempt's opening. */
  again(keyNumber = 1): this {
    if (this.state.kind !== 'waiting') throw new Error(`not waiting but ${this.state.kind}`);
    return this.at(this.state.until).fire().key(keyNumber);
  }
}
