import { ValidationError } from '../../errors/index.js';
import type { Json, StepStore } from '../../stores/index.js';
import { jsonCopy } from './json-copy.js';
import type { StorePatience } from './store-patience.js';
import type { StepContext } from './turn.js';
import { turnEnded } from './turn-ended.js';
import { stepKey } from './turn-key.js';
import type { TurnAtWork } from './turns-at-work.js';

export interface TurnMemoryParts {
  readonly steps: StepStore;
  readonly patience: StorePatience;
  readonly atWork: TurnAtWork;
  readonly conversationId: string;
  readonly turnKey: string;
  /** Aborts when the turn is over. */
  readonly signal: AbortSignal;
  /** Aborts when the bot stops, or has lost the conversation. What a step has done is recorded until then, also after its turn. */
  readonly lifeSignal: AbortSignal;
}

/** What a turn has done for good, and how to add to it (TURN-2). */
export class TurnMemory {
  constructor(private readonly parts: TurnMemoryParts) {}

  get turnKey(): string {
    return this.parts.turnKey;
  }

  /** The names of all that is recorded. */
  get names(): readonly string[] {
    return [...this.parts.atWork.results.keys()];
  }

  /** What is recorded under a name; undefined when nothing is. */
  get(name: string): Json | undefined {
    return this.parts.atWork.results.get(name);
  }

  /** Whether anything is recorded under a name that begins so. */
  hasAny(prefix: string): boolean {
    for (const name of this.parts.atWork.results.keys()) if (name.startsWith(prefix)) return true;
    return false;
  }

  /** @returns What stands there from now on: this value, or the one that was recorded before. */
  async record(name: string, value: Json, signal = this.parts.signal): Promise<Json> {
    const { steps, patience, atWork, conversationId, turnKey } = this.parts;
    const { value: standing } = await patience.with(signal, () =>
      steps.record(conversationId, turnKey, name, value),
    );
    atWork.results.set(name, standing);
    return standing;
  }

  async step<T>(name: string, work: (step: StepContext) => T | PromiseLike<T>): Promise<Json> {
    const { atWork, turnKey, signal, lifeSignal } = this.parts;
    if (typeof name !== 'string' || name === '' || typeof work !== 'function') {
      throw new ValidationError('A step has a name and a function: turn.step("charge", ({ key }) => ...).');
    }
    const at = `step/${name}`;
    const known = this.get(at);
    if (known !== undefined) return known;
    // The next run of the turn may be at it.
    if (signal.aborted) throw turnEnded();
    return atWork.join(at, async () => {
      const result = await work({ key: stepKey(turnKey, name), signal });
      return this.record(at, jsonCopy(result, `The result of the step "${name}"`), lifeSignal);
    });
  }
}
