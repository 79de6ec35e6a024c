import { BotError } from '../../errors/index.js';
import type { AgentChatClient } from '../../rest/index.js';
import { type Message, senderOf } from '../../wire/index.js';
import { isGroupMessage } from '../answering/answer-policy.js';
import type { BudgetKeeper, BudgetVerdict } from '../budgets/budget-keeper.js';
import type { BotEventMap } from '../events.js';
import { depthOf } from '../guard/depth.js';
import { type GuardKeeper, groupKey, peerKey } from '../guard/guard-keeper.js';
import { sayingId } from './turn-key.js';

/** A turn, as far as it matters whether it may run. */
export interface Applicant {
  readonly conversationId: string;
  readonly key: string;
  /** Those that want an answer. */
  readonly messages: readonly Message[];
  readonly signal: AbortSignal;
}

export interface GateParts {
  /** Null: turned off. */
  readonly guard: GuardKeeper | null;
  /** Null: none are set. */
  readonly budgets: BudgetKeeper | null;
  readonly client: AgentChatClient;
  emit<Name extends keyof BotEventMap>(name: Name, event: BotEventMap[Name]): void;
}

/** Whether a turn may run: what the guard and the budgets say, and what comes of it. */
export class Gate {
  constructor(private readonly parts: GateParts) {}

  /**
   * False: the messages count as handled, without an answer.
   *
   * @throws BotError `BUDGET_EXCEEDED` when they are to be put aside.
   */
  async lets(applicant: Applicant): Promise<boolean> {
    return (await this.guardLets(applicant)) && (await this.budgetsLet(applicant));
  }

  /** An answer is with the service. */
  async answered(applicant: Applicant, text: string, id: string): Promise<void> {
    const { guard, budgets } = this.parts;
    await Promise.all([
      guard?.replied(guardKeys(applicant), text, id),
      budgets?.spend(payerOf(applicant), { replies: 1 }),
    ]);
  }

  async spendTokens(applicant: Applicant, tokens: number): Promise<void> {
    await this.parts.budgets?.spend(payerOf(applicant), { tokens });
  }

  private async guardLets(applicant: Applicant): Promise<boolean> {
    const { guard, emit } = this.parts;
    if (guard === null) return true;
    const { conversationId, key: id, messages } = applicant;
    const texts = messages.flatMap(({ content }) => (content?.text ? [content.text] : []));
    const depth = Math.max(0, ...messages.map(({ metadata }) => depthOf(metadata)));
    const verdict = await guard.check(guardKeys(applicant), { texts, depth, id });
    if (verdict.allow) return true;
    const { reason, coolDownMs = null } = verdict;
    emit('guard', { conversationId, peer: peerOf(applicant), reason, coolDownMs, messages });
    return false;
  }

  private async budgetsLet(applicant: Applicant): Promise<boolean> {
    const { budgets } = this.parts;
    if (budgets === null) return true;
    const payer = payerOf(applicant);
    const verdict = await budgets.check(payer);
    if (!verdict.allow) return this.refused(applicant, verdict);
    await budgets.spend(payer, { turns: 1 });
    return true;
  }

  private async refused(
    applicant: Applicant,
    { exceeded, action }: Extract<BudgetVerdict, { allow: false }>,
  ): Promise<boolean> {
    const { client, emit } = this.parts;
    const { conversationId, key, messages, signal } = applicant;
    const name = typeof action === 'string' ? action : 'say';
    emit('budget', { conversationId, peer: peerOf(applicant), exceeded, action: name, messages });
    if (action === 'park') {
      const message = `The budget of ${exceeded.limit} ${exceeded.what} (${exceeded.scope}) is used up. The messages come again later.`;
      throw new BotError({
        code: 'BUDGET_EXCEEDED',
        message,
        retryAfterMs: exceeded.freeInMs,
        outcome: 'rejected',
      });
    }
    if (typeof action === 'object') {
      const address = messages.some(isGroupMessage)
        ? { conversation_id: conversationId }
        : { to: peerOf(applicant) };
      const content = { text: action.say };
      await client.sendMessage({ ...address, content, client_msg_id: sayingId(key) }, { signal });
    }
    return false;
  }
}

function peerOf({ messages }: Applicant): string {
  const last = messages.at(-1);
  return last === undefined ? '' : senderOf(last);
}

function payerOf(applicant: Applicant) {
  return { conversationId: applicant.conversationId, peer: peerOf(applicant) };
}

function guardKeys(applicant: Applicant): readonly string[] {
  const { conversationId, messages } = applicant;
  const keys = [peerKey(peerOf(applicant))];
  if (messages.some(isGroupMessage)) keys.push(groupKey(conversationId));
  return keys;
}
