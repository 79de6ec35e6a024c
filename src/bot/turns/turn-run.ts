import type { Clock } from '../../clock/index.js';
import { type AbortedError, AgentChatClientError, BotError, listenerFailed } from '../../errors/index.js';
import type { BatchContext } from '../../realtime/index.js';
import type { AgentChatClient } from '../../rest/index.js';
import type { Json, StepStore, TurnRecord } from '../../stores/index.js';
import type { Message } from '../../wire/index.js';
import { type AnswerPolicy, wakes } from '../answering/answer-policy.js';
import { isMentioned, type Self } from '../answering/mention.js';
import type { BotEventMap, TurnEvent } from '../events.js';
import { withDepth } from '../guard/depth.js';
import { Replies } from '../replies/replies.js';
import type { Router } from '../routing/router.js';
import { readThought } from '../thinking/read-thought.js';
import { ActiveTurn, sessionOf } from './active-turn.js';
import { isFinal, kindOfFailure } from './failure.js';
import type { Gate } from './gate.js';
import { jsonCopy } from './json-copy.js';
import type { Question } from './question.js';
import type { StorePatience } from './store-patience.js';
import { apologyId } from './turn-key.js';
import { TurnMemory } from './turn-memory.js';
import type { TurnRules } from './turn-options.js';
import type { TurnAtWork } from './turns-at-work.js';
import { Typing, type TypingSocket } from './typing.js';

/** Most bytes of a thinker's answer per message that it may take. */
const BYTES_PER_MESSAGE = 32_768;

/** What runs of turns work with. */
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
export interface Assignment {
  readonly question: Question;
  /** All that the turn takes in, those that want no answer as well. */
  readonly messages: readonly Message[];
  readonly atWork: TurnAtWork;
  readonly record: TurnRecord;
}

export interface RunOutcome {
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

/** One run of one turn: it runs to its end, which may be a failure. */
export class TurnRun<Session> {
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
    const { question, atWork } = assignment;
    const { conversationId, key: turnKey } = question;
    const { signal } = this.controller;
    const lifeSignal = context.signal;
    this.startedAt = clock.now();
    this.typing = new Typing(clock, socket, conversationId);
    this.memory = new TurnMemory({ steps, patience, atWork, conversationId, turnKey, signal, lifeSignal });
    this.isInterruptible = this.couldTakeMore();
    this.replies = new Replies({
      memory: this.memory,
      question,
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
      sent: (text, id) => patience.with(signal, () => parts.gate.answered(question, text, id)),
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

  private async makeTurn(session: Session): Promise<ActiveTurn<Session>> {
    const { client, gate } = this.parts;
    const { messages, question } = this.assignment;
    const { attempt, late } = this.context;
    const self = await this.parts.self();
    return new ActiveTurn<Session>({
      messages,
      message: question.last,
      mentioned: messages.some((message) => isMentioned(message, self)),
      attempt,
      late,
      signal: this.controller.signal,
      client,
      session,
      memory: this.memory,
      replies: this.replies,
      spendTokens: (tokens) => gate.spendTokens(question, tokens),
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
    const { signal } = this.controller;
    const change = await this.answer();
    // A run that was given up may get here long after: another one has the turn by now.
    signal.throwIfAborted();
    this.isInterruptible = false;
    await this.finish(signal, change === null ? {} : { session: change.session });
  }

  /** The end of the turn, and what it leaves behind, in one write. */
  private async finish(signal: AbortSignal, left: { readonly session?: Json }): Promise<void> {
    const { steps, patience } = this.parts;
    const { question, messages } = this.assignment;
    const { conversationId, key } = question;
    const outcome = { messages: messages.map(({ id }) => id), steps: this.memory.names, ...left };
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
    const { address, key, last, depth } = this.assignment.question;
    try {
      const content = { text: apology };
      const client_msg_id = apologyId(key);
      const metadata = withDepth({ reply_to: last.id }, depth);
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
    try {
      await this.finish(this.context.signal, {});
    } catch (failure) {
      return { isInterrupted: false, error: { value: failure } };
    }
    this.tell(outcome, error);
    return { isInterrupted: false, error: undefined };
  }

  private tell(outcome: TurnEvent['outcome'], error: unknown): void {
    const { clock, emit } = this.parts;
    const { question, messages } = this.assignment;
    const { conversationId, key } = question;
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
