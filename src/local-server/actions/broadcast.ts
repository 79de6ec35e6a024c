import type { ServerEventFrame } from '../../wire/index.js';
import type { AgentRecord, Conversation, StoredMessage } from '../state/records.js';
import type { Pushes, ReadReceipt } from './pushes.js';

/** What webhooks are told of. */
export type WebhookPushes = Omit<Pushes, 'typing' | 'hangUp'>;

/** Tells of everything in every way that there is: over sockets first, then by webhook. */
export class Broadcast implements Pushes {
  readonly #sockets: Pushes;
  readonly #webhooks: WebhookPushes;

  constructor(sockets: Pushes, webhooks: WebhookPushes) {
    this.#sockets = sockets;
    this.#webhooks = webhooks;
  }

  messageStored(stored: StoredMessage): void {
    this.#sockets.messageStored(stored);
    this.#webhooks.messageStored(stored);
  }

  messageRead(read: ReadReceipt): void {
    this.#sockets.messageRead(read);
    this.#webhooks.messageRead(read);
  }

  tell(to: AgentRecord, event: ServerEventFrame): void {
    this.#sockets.tell(to, event);
    this.#webhooks.tell(to, event);
  }

  /** Webhooks have no connections. */
  hangUp(agent: AgentRecord): void {
    this.#sockets.hangUp(agent);
  }

  /** Too fleeting for a webhook. */
  typing(kind: 'typing.start' | 'typing.stop', sender: AgentRecord, conversation: Conversation): void {
    this.#sockets.typing(kind, sender, conversation);
  }
}
