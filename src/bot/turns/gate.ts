import { BotError } from '../../errors/index.js';
import type { AgentChatClient } from '../../rest/index.js';
import type { BudgetKeeper, BudgetVerdict } from '../budgets/budget-keeper.js';
import type { BotEventMap } from '../events.js';
import { type GuardKeeper, groupKey, peerKey } from '../guard/guard-keeper.js';
import type { Question } from './question.js';
import { sayingId } from './turn-key.js';

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
  async lets(question: Question, signal: AbortSignal): Promise<boolean> {
    return (await this.guardLets(question)) && (await this.budgetsLet(question, signal));
  }

  /** An answer is with the service. */
  async answered(question: Question, text: string, id: string): Promise<void> {
    const { guard, budgets } = this.parts;
    await Promise.all([
      guard?.replied(guardKeys(question), text, id),
      budgets?.spend(question, { replies: 1 }),
    ]);
  }

  async spendTokens(question: Question, tokens: number): Promise<void> {
    await this.parts.budgets?.spend(question, { tokens });
  }

  private async guardLets(question: Question): Promise<boolean> {
    const { guard, emit } = this.parts;
    if (guard === null) return true;
    const { conversationId, key: id, messages, peer, texts, depth } = question;
    const verdict = await guard.check(guardKeys(question), { texts, depth, id });
    if (verdict.allow) return true;
    const { reason, coolDownMs = null } = verdict;
    emit('guard', { conversationId, peer, reason, coolDownMs, messages });
    return false;
  }

  private async budgetsLet(question: Question, signal: AbortSignal): Promise<boolean> {
    const { budgets } = this.parts;
    if (budgets === null) return true;
    const verdict = await budgets.check(question);
    if (!verdict.allow) return this.refused(question, verdict, signal);
    await budgets.spend(question, { turns: 1 });
    return true;
  }

  private async refused(
    question: Question,
    { exceeded, action }: Extract<BudgetVerdict, { allow: false }>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { client, emit } = this.parts;
    const { conversationId, key, messages, peer, address } = question;
    const name = typeof action === 'string' ? action : 'say';
    emit('budget', { conversationId, peer, exceeded, action: name, messages });
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
      const content = { text: action.say };
      await client.sendMessage({ ...address, content, client_msg_id: sayingId(key) }, { signal });
    }
    return false;
  }
}

function guardKeys({ conversationId, isGroup, peer }: Question): readonly string[] {
  return isGroup ? [peerKey(peer), groupKey(conversationId)] : [peerKey(peer)];
}
