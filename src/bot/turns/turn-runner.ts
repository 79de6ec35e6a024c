import type { Clock } from '../../clock/index.js';
import { type AbortedError, AgentChatClientError, BotError, listenerFailed } from '../../errors/index.js';
import type { BatchContext, MessageEvent } from '../../realtime/index.js';
import type { AgentChatClient } from '../../rest/index.js';
import type { Json, StepStore, TurnRecord } from '../../stores/index.js';
import { type Message, senderOf } from '../../wire/index.js';
import { type AnswerPolicy, isGroupMessage, wakes } from '../answering/answer-policy.js';
import { isMentioned, type Self } from '../answering/mention.js';
import type { BotEventMap, TurnEvent } from '../events.js';
import { depthOf, withDepth } from '../guard/depth.js';
import { Replies, type Target } from '../replies/replies.js';
import type { Router } from '../routing/router.js';
import { readThought } from '../thinking/read-thought.js';
import { ActiveTurn, sessionOf } from './active-turn.js';
import { isFinal, kindOfFailure } from './failure.js';
import { messagesIn } from './frozen-batch.js';
import type { Gate } from './gate.js';
import { jsonCopy } from './json-copy.js';
import { firstPortion, type Portion } from './portion.js';
import type { StorePatience } from './store-patience.js';
import { apologyId } from './turn-key.js';
import { TurnMemory } from './turn-memory.js';
import type { TurnRules } from './turn-options.js';
import { type TurnAtWork, TurnsAtWork } from './turns-at-work.js';
import { Typing, type TypingSocket } from './typing.js';

/** Most bytes of a thinker's answer per message that it may take. */
const BYTES_PER_MESSAGE = 32_768;

export interface RunnerParts<Session> {
  readonly clock: Clock;
  readonly client: AgentChatClient;
  readonly socket: TypingSocket;
  readonly steps: StepStore;
  readonly patience: StorePatience;
  readonly gate: Gate;
  readonly router: Router<Session>;
  readonly answer: AnswerPolicy;
  readonly rules: TurnRules;
  readonly maxMessages: number;
  readonly initialSession: (() => Session) | undefined;
  /** Why the signal of a turn aborts that has ended. */
  readonly turnOver: AbortedError;
  /** Who the bot is. */
  self(): Promise<Self>;
  /** A message of the bot's own is with the service. */
  noteOwn(messageId: string): void;
  emit<Name extends keyof BotEventMap>(name: Name, event: BotEventMap[Name]): void;
}

/** A turn that is about to run. */
interface Assignment {
  readonly conversationId: string;
  readonly key: string;
  readonly messages: readonly Message[];
  /** Those of them that want an answer. */
  readonly waking: readonly Message[];
  readonly atWork: TurnAtWork;
  readonly record: TurnRecord;
}

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
      await this.run(key, frozen, await this.wakingOf(frozen), record, atWork, context);
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
    if (!(await patience.with(signal, () => gate.lets({ conversationId, key, messages: waking, signal }))))
      return;
    // TURN-1.
    const frozen = { key, messages: messages.map(({ id }) => id) };
    await patience.with(signal, () => steps.freeze(conversationId, frozen, messages as unknown as Json));
    await this.atWork.during(key, (atWork) => this.run(key, messages, waking, record, atWork, context));
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
      await this.run(key, messages, await this.wakingOf(messages), record, atWork, context);
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

  private async run(
    key: string,
    messages: readonly Message[],
    waking: readonly Message[],
    record: TurnRecord,
    atWork: TurnAtWork,
    context: BatchContext,
  ): Promise<void> {
    const conversationId = messages[0]?.conversation_id ?? '';
    // The author may have come to another mind since the turn was begun. It is finished all the same.
    const asking = waking.length === 0 ? messages : waking;
    const assignment = { conversationId, key, messages, waking: asking, atWork, record };
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

interface RunOutcome {
  readonly isInterrupted: boolean;
  /** What the turn has failed with: it is tried again. */
  readonly error: { readonly value: unknown } | undefined;
}

/** What a turn changes in its session. Recorded with the answer of the thinker. */
interface SessionChange {
  readonly session: Json;
  /** As it was before, as JSON. */
  readonly before: string;
}

/** One run of one turn. */
class TurnRun<Session> {
  private readonly controller = new AbortController();
  private readonly replies: Replies;
  private readonly memory: TurnMemory;
  private readonly startedAt: number;
  private readonly typing: Typing;
  private sentSomething = false;
  private isInterruptible: boolean;

  constructor(
    private readonly parts: RunnerParts<Session>,
    private readonly assignment: Assignment,
    private readonly context: BatchContext,
  ) {
    const { clock, steps, patience, socket, client } = parts;
    const { conversationId, key: turnKey, waking, atWork } = assignment;
    const { signal } = this.controller;
    const lifeSignal = context.signal;
    this.startedAt = clock.now();
    this.typing = new Typing(clock, socket, conversationId);
    this.memory = new TurnMemory({ steps, patience, atWork, conversationId, turnKey, signal, lifeSignal });
    this.isInterruptible = this.couldTakeMore();
    this.replies = new Replies({
      memory: this.memory,
      home: homeOf(waking),
      replyTo: waking.at(-1)?.id ?? '',
      depth: Math.max(0, ...waking.map(({ metadata }) => depthOf(metadata))),
      maxMessages: parts.maxMessages,
      signal,
      committed: () => {
        this.isInterruptible = false;
      },
      send: async (message, abort) => {
        const result = await client.sendMessage(message, { signal: abort });
        this.sentSomething = true;
        parts.noteOwn(result.message.id);
        return result;
      },
      sent: (text, id) => patience.with(signal, () => parts.gate.answered(this.who, text, id)),
      lost: (error) => parts.emit('error', lostAnswer(error)),
    });
  }

  /** Whether the turn may begin anew with more messages: it has room for them, and has said nothing. */
  private couldTakeMore(): boolean {
    const { rules, router } = this.parts;
    const { messages } = this.assignment;
    if (rules.onMore !== 'interrupt' || messages.length >= rules.maxMessages) return false;
    // A command is a turn of its own.
    return (
      !this.memory.hasAny('reply/') && messages.every((message) => router.commandIn(message) === undefined)
    );
  }

  private get who() {
    const { conversationId, key, waking } = this.assignment;
    return { conversationId, key, messages: waking, signal: this.controller.signal };
  }

  private async makeTurn(session: Session): Promise<ActiveTurn<Session>> {
    const { client, gate } = this.parts;
    const { messages, waking } = this.assignment;
    const { attempt, late } = this.context;
    const self = await this.parts.self();
    return new ActiveTurn<Session>({
      messages,
      message: waking.at(-1) as Message,
      mentioned: messages.some((message) => isMentioned(message, self)),
      attempt,
      late,
      signal: this.controller.signal,
      client,
      session,
      memory: this.memory,
      replies: this.replies,
      spendTokens: (tokens) => gate.spendTokens(this.who, tokens),
    });
  }

  /** Never rejects. */
  async toItsEnd(): Promise<RunOutcome> {
    const { clock, rules } = this.parts;
    const { signal } = this.context;
    const onStop = () => this.controller.abort(signal.reason);
    if (signal.aborted) onStop();
    else signal.addEventListener('abort', onStop, { once: true });
    const timer = clock.setTimer(
      () => this.controller.abort(tookTooLong(rules.timeoutMs)),
      rules.timeoutMs,
      'background',
    );
    if (this.isInterruptible) this.context.onMore((event) => void this.more(event.payload as Message));
    if (rules.typing) this.typing.begin();
    try {
      await this.orCalledOff(this.work());
      this.tell(this.sentSomething ? 'answered' : 'silent', undefined);
      return { isInterrupted: false, error: undefined };
    } catch (error) {
      this.end();
      return await this.failed(error);
    } finally {
      this.end();
      clock.clearTimer(timer);
      signal.removeEventListener('abort', onStop);
      this.typing.end();
    }
  }

  /** Nothing happens in the name of the turn from now on. */
  private end(): void {
    this.controller.abort(this.parts.turnOver);
  }

  /** What does not listen to its signal is not waited for. */
  private orCalledOff(work: Promise<void>): Promise<void> {
    const { signal } = this.controller;
    return new Promise((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      if (signal.aborted) onAbort();
      else signal.addEventListener('abort', onAbort, { once: true });
      work.then(resolve, reject);
    });
  }

  private async work(): Promise<void> {
    const { steps, patience } = this.parts;
    const { conversationId, key, messages } = this.assignment;
    const { signal } = this.controller;
    const change = await this.answer();
    // A run that was given up may get here long after: another one has the turn by now.
    signal.throwIfAborted();
    this.isInterruptible = false;
    const ids = messages.map(({ id }) => id);
    const known = { messages: ids, steps: this.memory.names };
    const outcome = change === null ? known : { ...known, session: change.session };
    await patience.with(signal, () => steps.finish(conversationId, key, outcome));
  }

  /** @returns What the turn changes in its session; null: nothing. */
  private async answer(): Promise<SessionChange | null> {
    const { router, maxMessages, initialSession } = this.parts;
    const { signal } = this.controller;
    const session = sessionOf(this.assignment.record.session, initialSession);
    const before = JSON.stringify(session);
    // TURN-2: what was recorded is sent, and nobody is asked again.
    const answered = (await this.replies.resend()) as unknown as Partial<SessionChange> | undefined;
    if (answered !== undefined) {
      // The turn may have been put aside meanwhile. What later turns have written stays.
      const { session: after } = answered;
      return after === undefined || answered.before !== before ? null : { session: after, before };
    }
    const turn = await this.makeTurn(session);
    await router.run(turn, async (result) => {
      turn.answer = await readThought(result, { signal, maxBytes: maxMessages * BYTES_PER_MESSAGE });
    });
    await this.replies.settled();
    const after = jsonCopy(turn.session, 'turn.session');
    const change = JSON.stringify(after) === before ? null : { session: after, before };
    if (turn.answer !== null && !turn.isSkipped)
      await this.replies.answer(turn.answer, (change ?? {}) as unknown as Json);
    return change;
  }

  private async more(message: Message): Promise<void> {
    const { answer, router } = this.parts;
    try {
      const self = await this.parts.self();
      if (router.commandIn(message) !== undefined || !wakes(message, answer, self)) return;
    } catch {
      // What the author's own choice throws fails the turn of that message, not this one.
      return;
    }
    if (!this.isInterruptible) return;
    this.controller.abort(
      new BotError({
        code: 'TURN_INTERRUPTED',
        message: 'More messages came: the turn begins anew with them.',
      }),
    );
  }

  private async failed(error: unknown): Promise<RunOutcome> {
    const { rules } = this.parts;
    const { context, replies } = this;
    const ofSending = replies.failure !== undefined && replies.failure === error;
    const kind = kindOfFailure(error, ofSending, context.signal.aborted);
    switch (kind) {
      case 'interrupted':
        this.tell('interrupted', error);
        return { isInterrupted: true, error: undefined };
      case 'called off':
        this.tell('called off', error);
        return { isInterrupted: false, error: { value: error } };
      case 'undeliverable':
        return this.close('undeliverable', error);
      case 'failed':
        if (rules.apology !== undefined && (context.attempt > rules.retries || isFinal(error)))
          return this.apologise(rules.apology, error);
        this.tell('failed', error);
        return { isInterrupted: false, error: { value: error } };
    }
  }

  /** TURN-4: said once, whatever happens meanwhile. */
  private async apologise(apology: string, error: unknown): Promise<RunOutcome> {
    const { client, noteOwn } = this.parts;
    const { waking } = this.assignment;
    try {
      const { address } = homeOf(waking);
      const content = { text: apology };
      const client_msg_id = apologyId(this.memory.turnKey);
      const depth = Math.max(0, ...waking.map(({ metadata }) => depthOf(metadata)));
      const metadata = withDepth({ reply_to: waking.at(-1)?.id }, depth);
      const { message } = await client.sendMessage(
        { ...address, content, metadata, client_msg_id },
        { signal: this.context.signal },
      );
      noteOwn(message.id);
    } catch (failure) {
      this.tell('failed', failure);
      return { isInterrupted: false, error: { value: failure } };
    }
    return this.close('apologised', error);
  }

  /** The turn is over without having succeeded: its messages count as handled. */
  private async close(outcome: 'undeliverable' | 'apologised', error: unknown): Promise<RunOutcome> {
    const { steps, patience } = this.parts;
    const { conversationId, key, messages } = this.assignment;
    try {
      const ids = messages.map(({ id }) => id);
      const outcome = { messages: ids, steps: this.memory.names };
      await patience.with(this.context.signal, () => steps.finish(conversationId, key, outcome));
    } catch (failure) {
      return { isInterrupted: false, error: { value: failure } };
    }
    this.tell(outcome, error);
    return { isInterrupted: false, error: undefined };
  }

  private tell(outcome: TurnEvent['outcome'], error: unknown): void {
    const { clock, emit } = this.parts;
    const { conversationId, key, messages } = this.assignment;
    const { attempt } = this.context;
    const tookMs = clock.now() - this.startedAt;
    emit('turn', { conversationId, key, messages, attempt, tookMs, outcome, error });
  }
}

function tookTooLong(timeoutMs: number): BotError {
  return new BotError({
    code: 'TURN_TIMEOUT',
    message: `The turn took longer than ${timeoutMs} ms ("turns.timeoutMs"). Pass turn.signal to what it waits for, or raise the limit.`,
  });
}

/** For an answer that nobody has waited for, and that came too late. */
function lostAnswer(error: unknown): AgentChatClientError {
  return error instanceof AgentChatClientError ? error : listenerFailed('reply', error);
}

/** Where the answers of a turn go by default: to the group, or to the one who wrote. */
function homeOf(messages: readonly Message[]): Target {
  const message = messages.at(-1) as Message;
  const { conversation_id } = message;
  return { name: '', address: isGroupMessage(message) ? { conversation_id } : { to: senderOf(message) } };
}
