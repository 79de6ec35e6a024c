import type { ServerEventFrame } from '../../wire/index.js';
import type { Pushes, ReadReceipt } from '../actions/pushes.js';
import { isReceiving } from '../state/agents.js';
import type { AgentRecord, Conversation, StoredMessage } from '../state/records.js';
import type { World } from '../state/world.js';
import { messageFrame, OutgoingFrame } from './frames.js';
import type { Session } from './session.js';

/** All authenticated connections, by agent: who is told about what. */
export class Hub implements Pushes {
  readonly #sessions = new Map<string, Set<Session>>();
  readonly #world: World;
  readonly #echoOwnMessages: boolean;
  readonly #pushTo: 'all' | 'one';
  #count = 0;
  /** Whose turn it is, where one socket gets a message. */
  #turn = 0;

  constructor(world: World, echoOwnMessages: boolean, pushTo: 'all' | 'one') {
    this.#world = world;
    this.#echoOwnMessages = echoOwnMessages;
    this.#pushTo = pushTo;
  }

  add(session: Session): void {
    let sessions = this.#sessions.get(session.agent.handle);
    if (sessions === undefined) {
      sessions = new Set();
      this.#sessions.set(session.agent.handle, sessions);
    }
    sessions.add(session);
    this.#count += 1;
  }

  remove(session: Session): void {
    const sessions = this.#sessions.get(session.agent.handle);
    if (sessions?.delete(session) !== true) return;
    this.#count -= 1;
    if (sessions.size === 0) this.#sessions.delete(session.agent.handle);
  }

  /** How many connections there are, of one agent or of all. */
  count(handle?: string): number {
    return handle === undefined ? this.#count : (this.#sessions.get(handle)?.size ?? 0);
  }

  /** A copy, so that a session may end while it is being walked. */
  sessions(handle?: string): Session[] {
    if (handle !== undefined) return [...(this.#sessions.get(handle) ?? [])];
    return [...this.#sessions.values()].flatMap((sessions) => [...sessions]);
  }

  messageStored(stored: StoredMessage): void {
    const { message, envelopes } = stored;
    const frame = messageFrame(message);
    const now = this.#world.now();
    for (const [handle, envelope] of envelopes) {
      const { agent } = envelope.membership;
      // Not even passed over while paused: it is pushed when the pause ends.
      if (!isReceiving(agent)) continue;
      const silenced = this.#world.mutes.silences(handle, message.sender, message.conversation_id, now);
      for (const session of this.#receiversOf(handle)) {
        if (silenced) session.passOver(envelope);
        else session.offer(envelope, frame);
      }
    }
    if (this.#echoOwnMessages) this.#push(message.sender, frame);
  }

  messageRead({ to, reader, conversation, throughSeq, at }: ReadReceipt): void {
    if (!isReceiving(to)) return;
    const payload = {
      conversation_id: conversation.id,
      through_seq: throughSeq,
      reader: reader.handle,
      at,
    };
    this.#push(to.handle, new OutgoingFrame({ type: 'message.read', payload }));
  }

  typing(type: 'typing.start' | 'typing.stop', sender: AgentRecord, conversation: Conversation): void {
    const payload = { conversation_id: conversation.id, sender: sender.handle };
    const frame = new OutgoingFrame({ type, payload });
    for (const { agent } of conversation.members.values()) {
      if (agent !== sender && isReceiving(agent)) this.#push(agent.handle, frame);
    }
  }

  hangUp(agent: AgentRecord): void {
    for (const session of this.sessions(agent.handle)) session.close(4401, 'The API key is no longer valid');
  }

  tell(to: AgentRecord, event: ServerEventFrame): void {
    if (isReceiving(to)) this.#push(to.handle, new OutgoingFrame(event));
  }

  /** The sockets that get a message. */
  #receiversOf(handle: string): Session[] {
    const sessions = this.sessions(handle);
    if (this.#pushTo === 'all' || sessions.length < 2) return sessions;
    this.#turn += 1;
    return sessions.slice(this.#turn % sessions.length, (this.#turn % sessions.length) + 1);
  }

  #push(handle: string, frame: OutgoingFrame): void {
    for (const session of this.sessions(handle)) session.push(frame);
  }
}
