import { type Message, senderOf } from '../../wire/index.js';
import { isGroupMessage } from '../answering/answer-policy.js';
import { depthOf } from '../guard/depth.js';

/** Where an answer goes, as a request says it. */
export type Address = { readonly to: string } | { readonly conversation_id: string };

/** What a turn is asked: the messages of one conversation that want an answer, and what follows from them. */
export class Question {
  /** The newest: it is what an answer replies to. */
  readonly last: Message;

  /**
   * @param key The turn's.
   * @param messages At least one.
   */
  constructor(
    readonly conversationId: string,
    readonly key: string,
    readonly messages: readonly Message[],
  ) {
    this.last = messages.at(-1) as Message;
  }

  /** The handle of who wrote. */
  get peer(): string {
    return senderOf(this.last);
  }

  get isGroup(): boolean {
    return isGroupMessage(this.last);
  }

  /** To the group, or to the one who wrote. */
  get address(): Address {
    return this.isGroup ? { conversation_id: this.conversationId } : { to: this.peer };
  }

  get texts(): readonly string[] {
    return this.messages.flatMap(({ content }) => (content?.text ? [content.text] : []));
  }

  /** How many answers of bots led to it. */
  get depth(): number {
    return Math.max(0, ...this.messages.map(({ metadata }) => depthOf(metadata)));
  }
}
