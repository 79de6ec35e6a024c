import type { EventContext } from '../../../src/realtime/index.js';
import type { StoredCursor } from '../../../src/stores/index.js';
import { type Message, readSeq } from '../../../src/wire/index.js';
import type { AckWitness } from '../ack-witness.js';
import type { Facts } from '../facts.js';
import { BOT, isOwed, keyOf, type Stored } from '../stored.js';
import type { LeaseWitness } from './lease-witness.js';
import type { ModelProcess } from './model-process.js';

/** Handlers at work on one message in one process, until they end or see their signal abort. */
export class Work {
  constructor(
    readonly process: ModelProcess,
    readonly key: string,
    readonly conversation: string,
    readonly partition: number,
  ) {}
}

export interface WorkWitnessPorts {
  readonly facts: Facts;
  readonly leases: LeaseWitness;
  readonly acks: AckWitness;
  now(): number;
  historyOf(conversationId: string): readonly Stored[];
}

/** What a process has handled, and when. */
interface Handled {
  readonly process: ModelProcess;
  readonly at: number;
  readonly message: Message;
}

/** Watches the handlers of all replicas: one at a time in a conversation, with a lease, in order, and nothing a second time that was saved. */
export class WorkWitness {
  private readonly atWork = new Set<Work>();
  /** What was aborted in this very step. */
  private abortedNow: Work[] = [];
  /** Messages that began in this very step, before others of their conversation. A report of those may come in the same step. */
  private early: { readonly key: string; readonly before: Stored }[] = [];
  private readonly handled = new Map<string, Handled>();
  /** What a cursor that was saved says is handled. */
  private readonly covered = new Set<string>();

  constructor(private readonly ports: WorkWitnessPorts) {}

  begins(process: ModelProcess, message: Message, context: EventContext): Work {
    const { facts, leases } = this.ports;
    const key = keyOf(message);
    const { conversation_id: conversation, sender } = message;
    const partition = leases.partitionOf(conversation);
    facts.note(
      () =>
        `begins   ${key} in ${process.label} ${context.source}${context.late ? ' late' : ''}` +
        `${context.redelivered ? ' again' : ''} try ${context.attempt}`,
    );
    if (sender === BOT) facts.object('GAP-5', `own message ${key} was delivered`);
    this.judgeLease(process, key, partition);
    this.judgeOthers(process, key, conversation);
    if (this.covered.has(key)) facts.object('ONCE', `${key} began again after it was handled and saved`);
    this.judgeOrder(key, message, context);
    facts.started.add(key);
    const work = new Work(process, key, conversation, partition);
    this.atWork.add(work);
    return work;
  }

  aborted(work: Work): void {
    if (!this.atWork.delete(work)) return;
    this.abortedNow.push(work);
    this.ports.facts.note(() => `aborted  ${work.key} in ${work.process.label}`);
  }

  /** What ends after its signal has aborted does not count. */
  ends(work: Work, message: Message, succeeded: boolean): void {
    if (!this.atWork.delete(work) || !succeeded) return;
    const { facts, now } = this.ports;
    facts.note(() => `handled  ${work.key} in ${work.process.label}`);
    facts.handled.add(work.key);
    this.handled.set(work.key, { process: work.process, at: now(), message });
  }

  isAtWork(process: ModelProcess): boolean {
    return [...this.atWork].some((work) => work.process === process);
  }

  died(process: ModelProcess): void {
    for (const work of this.atWork) if (work.process === process) this.atWork.delete(work);
  }

  /** The store knows what was handled. Below its floor a cursor says nothing. */
  saved(cursors: readonly StoredCursor[]): void {
    for (const { conversationId, floor, expected, missing, parked } of cursors) {
      for (const { message } of this.ports.historyOf(conversationId)) {
        const { seq } = message;
        const isOwing =
          missing.some(({ from, to }) => seq >= from && seq <= to) || parked.some((one) => one.seq === seq);
        if (seq >= floor && seq < expected && !isOwing && this.ports.facts.handled.has(keyOf(message)))
          this.covered.add(keyOf(message));
      }
    }
  }

  /** REP-6: a partition was given away in peace, and its handlers were waited for. */
  hurried(process: ModelProcess, partition: number): void {
    for (const work of this.abortedNow) {
      if (work.process === process && work.partition === partition)
        this.ports.facts.object('REP-6', `${work.key} was aborted, because its partition was to move`);
    }
  }

  /** REP-6: a partition was given away in peace. What was handled in it since `since` is saved. */
  givenAway(process: ModelProcess, partition: number, since: number): void {
    const { facts, leases, acks } = this.ports;
    for (const [key, handled] of this.handled) {
      const { message } = handled;
      if (handled.process !== process || handled.at < since || readSeq(message.seq) === undefined) continue;
      if (leases.partitionOf(message.conversation_id) !== partition || acks.isPersisted({ message }, key))
        continue;
      facts.object('REP-6', `${process.label} gave partition ${partition} away before ${key} was saved`);
    }
  }

  // -- judging a beginning --------------------------------------------------------------------------------------------

  private judgeLease(process: ModelProcess, key: string, partition: number): void {
    const { facts, leases } = this.ports;
    const holder = leases.holderOf(partition);
    if (holder === process) return;
    const who = holder === null ? 'nobody' : holder.label;
    facts.object('REP-3', `${key} began in ${process.label}, and ${who} has its partition`);
  }

  private judgeOthers(process: ModelProcess, key: string, conversation: string): void {
    for (const other of this.atWork) {
      if (other.conversation !== conversation || !other.process.isUpToDate) continue;
      const rule = other.process === process ? 'ORD-1' : 'REP-1';
      this.ports.facts.object(
        rule,
        `${key} began in ${process.label} while ${other.key} was at work in ${other.process.label}`,
      );
    }
  }

  /** ORD-1, over all replicas: everything before it was handled somewhere, is parked, or was named. */
  private judgeOrder(key: string, message: Message, context: EventContext): void {
    const { facts } = this.ports;
    const seq = readSeq(message.seq);
    if (seq === undefined || context.late || facts.started.has(key)) return;
    for (const stored of this.ports.historyOf(message.conversation_id)) {
      if (stored.message.seq >= seq) return;
      if (!this.isSettled(stored)) {
        this.early.push({ key, before: stored });
        return;
      }
    }
  }

  private isSettled(stored: Stored): boolean {
    const { handled, exhausted, named } = this.ports.facts;
    const key = keyOf(stored.message);
    return !isOwed(stored) || handled.has(key) || exhausted.has(key) || named.has(key);
  }

  // -- after every step -----------------------------------------------------------------------------------------------

  check(): void {
    const { facts } = this.ports;
    for (const { key, before } of this.early) {
      if (!this.isSettled(before))
        facts.object('ORD-1', `${key} began before ${keyOf(before.message)} was handled`);
    }
    this.early = [];
    this.abortedNow = [];
    for (const work of this.atWork) this.judgeAtWork(work);
  }

  /** REP-3: who has lost the lease has aborted, as soon as it runs. */
  private judgeAtWork({ process, key, partition }: Work): void {
    const { facts, leases } = this.ports;
    if (!process.isUpToDate || leases.holderOf(partition) === process) return;
    facts.object('REP-3', `${key} is at work in ${process.label}, which has no lease, and is not aborted`);
  }
}
