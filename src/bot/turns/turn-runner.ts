import type { BatchContext, MessageEvent } from '../../realtime/index.js';
import type { Json, TurnRecord } from '../../stores/index.js';
import type { Message } from '../../wire/index.js';
import { wakes } from '../answering/answer-policy.js';
import { messagesIn } from './frozen-batch.js';
import { firstPortion, type Portion } from './portion.js';
import { Question } from './question.js';
import { type Assignment, type RunnerParts, TurnRun } from './turn-run.js';
import { type TurnAtWork, TurnsAtWork } from './turns-at-work.js';

/** From messages that wait together to a turn that is finished: what runs, what is remembered of it, and how it ends. */
export class TurnRunner<Session> {
  running = 0;
  lastHandledAt: number | null = null;
  private readonly atWork = new TurnsAtWork();
  /** Turns that begin anew with the next messages of their conversation, by conversation. */
  private readonly interrupted = new Map<string, string>();

  constructor(private readonly parts: RunnerParts<Session>) {}

  /** The handler of batches. What it leaves of a batch comes again with the next. */
  async handle(events: readonly MessageEvent[], context: BatchContext): Promise<void> {
    const messages = events.map(({ payload }) => payload as Message);
    const conversationId = messages[0]?.conversation_id ?? '';
    const { steps, patience } = this.parts;
    const record = await patience.with(context.signal, () => steps.open(conversationId));
    const widened = this.widened(conversationId, messages, record);
    if (widened !== null) {
      context.keep(widened.count);
      await this.widen(widened.key, widened.messages, record, context);
      return;
    }
    const portion = this.portionOf(messages, record);
    context.keep(portion.count);
    if (portion.kind === 'again') await this.again(portion, messages, record, context);
    else if (portion.kind === 'new') await this.begin(portion.messages, record, context);
  }

  private portionOf(messages: readonly Message[], record: Pick<TurnRecord, 'turns' | 'finished'>): Portion {
    const { router } = this.parts;
    return firstPortion(messages, record, (message) => router.commandIn(message) !== undefined);
  }

  /** The turn that was interrupted, if what waits now begins with all of it. Else it runs again as it was, in its time. */
  private widened(conversationId: string, messages: readonly Message[], { turns, finished }: TurnRecord) {
    const key = this.interrupted.get(conversationId);
    this.interrupted.delete(conversationId);
    const interrupted = turns.find((turn) => turn.key === key);
    if (key === undefined || interrupted === undefined) return null;
    const others = turns.filter((turn) => turn !== interrupted);
    const portion = this.portionOf(messages, { turns: others, finished });
    if (portion.kind !== 'new') return null;
    const taken = new Set(portion.messages.map(({ id }) => id));
    return interrupted.messages.every((id) => taken.has(id)) ? { ...portion, key } : null;
  }

  /** TURN-1: the turn that is frozen, as it was. */
  private async again(
    { key, count }: Extract<Portion, { kind: 'again' }>,
    messages: readonly Message[],
    record: TurnRecord,
    context: BatchContext,
  ): Promise<void> {
    await this.atWork.during(key, async (atWork) => {
      const batch = await this.recall(messages, atWork, key, context);
      const frozen = messagesIn(batch) ?? messages.slice(0, count);
      const question = await this.questionOf(key, frozen);
      await this.run({ question, messages: frozen, atWork, record }, context);
    });
  }

  /** A turn of its own, if anybody wants an answer, and one may be given. */
  private async begin(
    messages: readonly Message[],
    record: TurnRecord,
    context: BatchContext,
  ): Promise<void> {
    const { steps, patience, gate } = this.parts;
    const waking = await this.wakingOf(messages);
    const [first] = messages;
    if (waking.length === 0 || first === undefined) return;
    const { conversation_id: conversationId, id: key } = first;
    const { signal } = context;
    const question = new Question(conversationId, key, waking);
    if (!(await patience.with(signal, () => gate.lets(question, signal)))) return;
    // TURN-1.
    const frozen = { key, messages: messages.map(({ id }) => id) };
    await patience.with(signal, () => steps.freeze(conversationId, frozen, messages as unknown as Json));
    await this.atWork.during(key, (atWork) => this.run({ question, messages, atWork, record }, context));
  }

  /** The turn that was interrupted, with what has interrupted it. */
  private async widen(
    key: string,
    messages: readonly Message[],
    record: TurnRecord,
    context: BatchContext,
  ): Promise<void> {
    const { steps, patience } = this.parts;
    const conversationId = messages[0]?.conversation_id ?? '';
    const wider = { key, messages: messages.map(({ id }) => id) };
    await this.atWork.during(key, async (atWork) => {
      await this.recall(messages, atWork, key, context);
      await patience.with(context.signal, () =>
        steps.widen(conversationId, wider, messages as unknown as Json),
      );
      const question = await this.questionOf(key, messages);
      await this.run({ question, messages, atWork, record }, context);
    });
  }

  /** Brings to mind what earlier runs of the turn have recorded. @returns The batch as it was frozen. */
  private async recall(
    messages: readonly Message[],
    atWork: TurnAtWork,
    key: string,
    { signal }: BatchContext,
  ): Promise<Json> {
    const { steps, patience } = this.parts;
    const conversationId = messages[0]?.conversation_id ?? '';
    const { batch, results } = await patience.with(signal, () => steps.load(conversationId, key));
    for (const [name, value] of results) atWork.results.set(name, value);
    return batch;
  }

  private async wakingOf(messages: readonly Message[]): Promise<readonly Message[]> {
    const self = await this.parts.self();
    return messages.filter((message) => wakes(message, this.parts.answer, self));
  }

  /** What a turn is asked that was begun. The author may have come to another mind since: it is finished all the same. */
  private async questionOf(key: string, messages: readonly Message[]): Promise<Question> {
    const waking = await this.wakingOf(messages);
    const asking = waking.length === 0 ? messages : waking;
    return new Question(messages[0]?.conversation_id ?? '', key, asking);
  }

  private async run(assignment: Assignment, context: BatchContext): Promise<void> {
    const { conversationId, key } = assignment.question;
    const run = new TurnRun(this.parts, assignment, context);
    this.running += 1;
    const outcome = await run.toItsEnd();
    this.running -= 1;
    if (outcome.isInterrupted) {
      this.interrupted.set(conversationId, key);
      context.keep(0);
      return;
    }
    if (outcome.error !== undefined) throw outcome.error.value;
    this.lastHandledAt = this.parts.clock.wallNow();
  }
}
