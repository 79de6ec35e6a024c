import { type Message, readSeq } from '../../src/wire/index.js';

/** Who the simulated bot is. */
export const BOT = 'bot';
export const PEER = 'peer';

/** A message as the service keeps it. */
export interface Stored {
  readonly message: Message;
  readonly deliveryId: string;
  readonly writtenAt: number;
  /** From when on history shows it while it is patchy: what is being written may still be invisible. */
  readonly visibleAt: number;
  state: 'stored' | 'delivered';
  hidden: boolean;
}

/**
 * What makes two frames the same message: the place in the conversation, whatever id it comes under; where there is no
 * place, the id.
 */
export function keyOf({ id, conversation_id, seq }: Message): string {
  return readSeq(seq) === undefined ? id : `${conversation_id}#${seq}`;
}

/** Whether a handler ever has to see it. */
export function isOwed({ message, hidden }: Stored): boolean {
  return !hidden && message.sender !== BOT;
}
