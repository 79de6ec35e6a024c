import type { ServerEventFrame } from '../../wire/index.js';
import type { AgentRecord, Conversation, StoredMessage } from '../state/records.js';

/** Telling agents, over whatever connections they have, what has happened. It happened whether they hear it or not. */
export interface Pushes {
  /** A message was stored: to its recipients, and to the sender's own sockets where echoes are on. */
  messageStored(stored: StoredMessage): void;
  /** Somebody read up to a message: to whoever wrote it. */
  messageRead(read: ReadReceipt): void;
  /** Somebody types, or no longer does: to the others in the conversation. */
  typing(kind: 'typing.start' | 'typing.stop', sender: AgentRecord, conversation: Conversation): void;
  /** The key of an agent was revoked: its connections end. */
  hangUp(agent: AgentRecord): void;
  /** Something else happened that concerns an agent. */
  tell(to: AgentRecord, event: ServerEventFrame): void;
}

/** What a sender learns about its messages. */
export interface ReadReceipt {
  readonly to: AgentRecord;
  readonly reader: AgentRecord;
  readonly conversation: Conversation;
  readonly throughSeq: number;
  readonly at: string;
}
