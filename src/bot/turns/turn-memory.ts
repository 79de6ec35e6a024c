import type { Json, StepStore } from '../../stores/index.js';
import { jsonCopy } from './json-copy.js';
import type { StorePatience } from './store-patience.js';
import type { StepContext } from './turn.js';
import { stepKey } from './turn-key.js';

/** Steps under way in this process, by turn and name. A turn that is tried again joins those that its last try has left running. */
export class StepsUnderWay {
  private readonly byName = new Map<string, Promise<Json>>();

  join(name: string, begin: () => Promise<Json>): Promise<Json> {
    const underWay = this.byName.get(name);
    if (underWay !== undefined) return underWay;
    const begun = begin().finally(() => this.byName.delete(name));
    this.byName.set(name, begun);
    return begun;
  }
}

export interface TurnMemoryParts {
  readonly steps: StepStore;
  readonly patience: StorePatience;
  readonly underWay: StepsUnderWay;
}

/** What a turn has done for good, and how to add to it (TURN-2). */
export class TurnMemory {
  private readonly recorded: Map<string, Json>;

  constructor(
    private readonly parts: TurnMemoryParts,
    readonly conversationId: string,
    readonly turnKey: string,
    results: ReadonlyMap<string, Json>,
    private readonly signal: AbortSignal,
  ) {
    this.recorded = new Map(results);
  }

  /** What is recorded under a name; undefined when nothing is. */
  get(name: string): Json | undefined {
    return this.recorded.get(name);
  }

  /** Whether anything is recorded under a name that begins so. */
  hasAny(prefix: string): boolean {
    for (const name of this.recorded.keys()) if (name.startsWith(prefix)) return true;
    return false;
  }

  /** @returns What stands there from now on: this value, or the one that was recorded before. */
  async record(name: string, value: Json): Promise<Json> {
    const { steps, patience } = this.parts;
    const { value: standing } = await patience.with(this.signal, () =>
      steps.record(this.conversationId, this.turnKey, name, value),
    );
    this.recorded.set(name, standing);
    return standing;
  }

  async step<T>(name: string, work: (step: StepContext) => T | PromiseLike<T>): Promise<Json> {
    const at = `step/${name}`;
    const known = this.get(at);
    if (known !== undefined) return known;
    const begin = async () => {
      const result = await work({ key: stepKey(this.turnKey, name), signal: this.signal });
      return this.record(at, jsonCopy(result, `The result of the step "${name}"`));
    };
    return this.parts.underWay.join(`${this.turnKey}/${at}`, begin);
  }
}
