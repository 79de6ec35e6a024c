import type { FrozenTurn, Json, StepResult, StepStore, TurnOutcome, TurnRecord } from 'agentchat-client';
import type { Journal } from '../journal.js';
import type { Mortality } from '../mortality.js';
import type { Happening } from './happening.js';
import type { Step } from './steps.js';

/** The turns of a bot that dies at any of their reads and writes. */
export class MortalSteps implements StepStore {
  constructor(
    private readonly steps: StepStore,
    private readonly mortality: Mortality<Step>,
    private readonly journal: Journal<Happening>,
  ) {}

  open(conversationId: string): Promise<TurnRecord> {
    return this.mortality.through('open', () => this.steps.open(conversationId));
  }

  freeze(conversationId: string, turn: FrozenTurn, batch: Json): Promise<FrozenTurn> {
    return this.mortality.through('freeze', () => this.steps.freeze(conversationId, turn, batch));
  }

  widen(conversationId: string, turn: FrozenTurn, batch: Json): Promise<void> {
    return this.steps.widen(conversationId, turn, batch);
  }

  load(conversationId: string, key: string) {
    this.journal.write({ what: 'again', key });
    return this.mortality.through('load', () => this.steps.load(conversationId, key));
  }

  record(conversationId: string, key: string, step: string, value: Json): Promise<StepResult> {
    return this.mortality.through('record', async () => {
      try {
        const result = await this.steps.record(conversationId, key, step, value);
        this.journal.write({ what: 'recorded', key, step });
        return result;
      } catch (error) {
        this.journal.write({ what: 'refused', key, step });
        throw error;
      }
    });
  }

  finish(conversationId: string, key: string, outcome: TurnOutcome): Promise<void> {
    return this.mortality.through('finish', async () => {
      await this.steps.finish(conversationId, key, outcome);
      this.journal.write({ what: 'finished', key });
    });
  }
}
