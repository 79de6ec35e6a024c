import type { Clock } from '../../clock/index.js';
import { AbortedError, BotError } from '../../errors/index.js';
import type { BatchContext, MessageEvent } from '../../realtime/index.js';
import type { AgentChatClient } from '../../rest/index.js';
import type { Json, StepStore, TurnRecord } from '../../stores/index.js';
import { type Message, senderOf } from '../../wire/index.js';
import { type AnswerPolicy, isGroupMessage, wakes } from '../answering/answer-policy.js';
import { isMentioned, type Self } from '../answering/mention.js';
import type { BotEventMap, TurnEvent } from '../events.js';
import { depthOf } from '../guard/depth.js';
import { Replies, type Target } from '../replies/replies.js';
import type { Router } from '../routing/router.js';
import { readThought } from '../thinking/read-thought.js';
import { ActiveTurn, sessionOf } from './active-turn.js';
import { kindOfFailure } from './failure.js';
import type { Gate } from './gate.js';
import { jsonCopy } from './json-copy.js';
import { firstPortion } from './portion.js';
import type { StorePatience } from './store-patience.js';
import { apologyId } from './turn-key.js';
import { StepsUnderWay, TurnMemory } from './turn-memory.js';
import type { TurnRules } from './turn-options.js';
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
  readonly results: ReadonlyMap<string, Json>;
  readonly record: TurnRecord;
}

/** From messages that wait together to a turn that is finished: what runs, what is remembered of it, and how it ends. */
export class TurnRunner<Session> {
  running = 0;
  lastHandledAt: number | null = null;
  private readonly underWay = new StepsUnderWay();
  /** Turns that begin anew with the next messages of their conversation, by conversation. */
  private readonly interrupted = new Map<string, string>();

  constructor(private readonly parts: RunnerParts<Session>) {}

  /** The handler of batches. What it leaves of a batch comes again with the next. */
  async handle(events: readonly MessageEvent[], context: BatchContext): Promise<void> {
    const messages = events.map(({ payload }) => payload as Message);
    const conversationId = messages[0]?.conversation_id ?? '';
    const { steps, patience, router } = this.parts;
    const { signal } = context;
    const record = await patience.with(signal, () => steps.open(conversationId));
    const resumed = this.takeInterrupted(conversationId, record);
    const turns = record.turns.filter(({ key }) => key !== resumed);
    const portion = firstPortion(
      messages,
      { turns, finished: record.finished },
      (message) => router.commandIn(message) !== undefined,
    );
    context.keep(portion.count);
    if (portion.kind === 'nothing') return;
    if (portion.kind === 'again') {
      const { key } = portion;
      const { batch, results } = await patience.with(signal, () => steps.load(conversationId, key));
      const frozen =
        batch === null ? messages.slice(0, portion.count) : (batch as unknown as readonly Message[]);
      await this.run({ conversationId, key, messages: frozen, results, record }, context);
      return;
    }
    if (resumed !== undefined) await this.widen(resumed, portion.messages, record, context);
    else await this.begin(portion.messages, record, context);
  }

  private takeInterrupted(conversationId: string, { turns }: TurnRecord): string | undefined {
    const key = this.interrupted.get(conversationId);
    this.interrupted.delete(conversationId);
    return turns.some((turn) => turn.key === key) ? key : undefined;
  }

  /** A turn of its own, if anybody wants an answer, and one may be given. */
  private async begin(
    messages: readonly Message[],
    record: TurnRecord,
    context: BatchContext,
  ): Promise<void> {
    const { steps, patience, gate, answer } = this.parts;
    const self = await this.parts.self();
    const waking = messages.filter((message) => wakes(message, answer, self));
    const [first] = messages;
    if (waking.length === 0 || first === undefined) return;
    const { conversation_id: conversationId, id: key } = first;
    const { signal } = context;
    if (!(await patience.with(signal, () => gate.lets({ conversationId, key, messages: waking, signal }))))
      return;
    // TURN-1.
    const frozen = { key, messages: messages.map(({ id }) => id) };
    await patience.with(signal, () => steps.freeze(conversationId, frozen, messages as unknown as Json));
    await this.run({ conversationId, key, messages, results: new Map(), record }, context);
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
    const { signal } = context;
    const { results } = await patience.with(signal, () => steps.load(conversationId, key));
    const wider = { key, messages: messages.map(({ id }) => id) };
    await patience.with(signal, () => steps.widen(conversationId, wider, messages as unknown as Json));
    await this.run({ conversationId, key, messages, results, record }, context);
  }

  private async run(assignment: Assignment, context: BatchContext): Promise<void> {
    const run = new TurnRun(this.parts, this.underWay, assignment, context);
    this.running += 1;
    const outcome = await run.toItsEnd();
    this.running -= 1;
    if (outcome.isInterrupted) {
      this.interrupted.set(assignment.conversationId, assignment.key);
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

/** One run of one turn. */
class TurnRun<Session> {
  private readonly controller = new AbortController();
  private readonly replies: Replies;
  private readonly memory: TurnMemory;
  private readonly startedAt: number;
  private readonly typing: Typing;
  private sentSomething = false;
  private isInterruptible: boolean;
  /** The session as the turn found it. */
  private sessionBefore = '';

  constructor(
    private readonly parts: RunnerParts<Session>,
    underWay: StepsUnderWay,
    private readonly assignment: Assignment,
    private readonly context: BatchContext,
  ) {
    const { clock, steps, patience, socket, client, rules } = parts;
    const { conversationId, key, messages, results } = assignment;
    const { signal } = this.controller;
    this.startedAt = clock.now();
    this.typing = new Typing(clock, socket, conversationId);
    this.memory = new TurnMemory({ steps, patience, underWay }, conversationId, key, results, signal);
    // One that is full would not take them in.
    this.isInterruptible = rules.onMore === 'interrupt' && messages.length < rules.maxMessages;
    this.replies = new Replies({
      memory: this.memory,
      home: homeOf(messages),
      replyTo: messages.at(-1)?.id ?? '',
      depth: Math.max(0, ...messages.map(({ metadata }) => depthOf(metadata))),
      maxMessages: parts.maxMessages,
      signal,
      send: async (message, abort) => {
        // From here on something is with the service.
        this.isInterruptible = false;
        const result = await client.sendMessage(message, { signal: abort });
        this.sentSomething = true;
        parts.noteOwn(result.message.id);
        return result;
      },
      sent: (text, id) => patience.with(signal, () => parts.gate.answered(this.who, text, id)),
    });
  }

  private get who() {
    const { conversationId, key, messages } = this.assignment;
    return { conversationId, key, messages, signal: this.controller.signal };
  }

  private async makeTurn(): Promise<ActiveTurn<Session>> {
    const { client, gate, initialSession } = this.parts;
    const { messages, record } = this.assignment;
    const { attempt, late } = this.context;
    const self = await this.parts.self();
    const session = sessionOf(record.session, initialSession);
    this.sessionBefore = JSON.stringify(session);
    return new ActiveTurn<Session>({
      messages,
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
      return await this.failed(error);
    } finally {
      this.replies.end();
      this.controller.abort(new AbortedError({ message: 'The turn has ended.', outcome: 'not_sent' }));
      clock.clearTimer(timer);
      signal.removeEventListener('abort', onStop);
      this.typing.end();
    }
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
    const session = await this.answer();
    const ids = messages.map(({ id }) => id);
    const isChanged = JSON.stringify(session) !== this.sessionBefore;
    const outcome = isChanged ? { messages: ids, session } : { messages: ids };
    await patience.with(this.controller.signal, () => steps.finish(conversationId, key, outcome));
  }

  /** @returns The session as the turn leaves it. */
  private async answer(): Promise<Json> {
    // TURN-2: what was recorded is sent, and nobody is asked again.
    const answered = await this.replies.resend();
    if (answered !== undefined) return (answered as { readonly session: Json }).session;
    const { router, maxMessages } = this.parts;
    const { signal } = this.controller;
    const turn = await this.makeTurn();
    await router.run(turn, async (result) => {
      turn.answer = await readThought(result, { signal, maxBytes: maxMessages * BYTES_PER_MESSAGE });
    });
    await this.replies.settled();
    const session = jsonCopy(turn.session, 'turn.session');
    if (turn.answer !== null && !turn.isSkipped) await this.replies.send(turn.answer, undefined, { session });
    return session;
  }

  private async more(message: Message): Promise<void> {
    const { answer } = this.parts;
    const self = await this.parts.self();
    // What the author's own choice throws fails the turn of that message, not this one.
    if (!this.isInterruptible || !wakes(message, answer, self)) return;
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
        return { isInterrupted: false, error: { value: error } };
      case 'undeliverable':
        return this.close('undeliverable', error);
      case 'failed':
        if (rules.apology !== undefined && context.attempt > rules.retries)
          return this.apologise(rules.apology, error);
        this.tell('failed', error);
        return { isInterrupted: false, error: { value: error } };
    }
  }

  /** TURN-4: said once, whatever happens meanwhile. */
  private async apologise(apology: string, error: unknown): Promise<RunOutcome> {
    const { client, noteOwn } = this.parts;
    const { messages } = this.assignment;
    try {
      const { name: _, address } = homeOf(messages);
      const content = { text: apology };
      const client_msg_id = apologyId(this.memory.turnKey);
      const metadata = { reply_to: messages.at(-1)?.id };
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
      await patience.with(this.context.signal, () => steps.finish(conversationId, key, { messages: ids }));
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

/** Where the answers of a turn go by default: to the group, or to the one who wrote. */
function homeOf(messages: readonly Message[]): Target {
  const message = messages.at(-1) as Message;
  const { conversation_id } = message;
  return { name: '', address: isGroupMessage(message) ? { conversation_id } : { to: senderOf(message) } };
}
