import {
  findProblems,
  PRESENCE_STATUSES,
  type PresenceUpdate,
  presenceUpdateSchema,
} from '../../wire/index.js';
import { sayPresence } from '../actions/presence.js';
import type { Pushes } from '../actions/pushes.js';
import { readThrough } from '../actions/read.js';
import type { Keeper } from '../data/keeper.js';
import type { Conversation } from '../state/records.js';
import type { World } from '../state/world.js';
import type { Session } from './session.js';

type Fields = { readonly [key: string]: unknown };

/** What client frames act upon. */
export interface ClientFrameParts {
  readonly world: World;
  readonly keeper: Keeper;
  readonly pushes: Pushes;
}

/** Reads the text of a frame; anything but a JSON object is `undefined`. */
export function parseClientFrame(text: string | undefined): Fields | undefined {
  if (text === undefined) return undefined;
  try {
    return fieldsOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Carries out what a client asks for over its socket. Nothing is answered, and what makes no sense is ignored. */
export function receiveClientFrame(parts: ClientFrameParts, session: Session, frame: Fields): void {
  switch (frame.type) {
    case 'ack':
      acknowledge(parts.world, session, frame.message_id);
      return;
    case 'typing.start':
    case 'typing.stop': {
      const conversation = conversationOf(parts.world, session, fieldsOf(frame.payload));
      if (conversation !== undefined) parts.pushes.typing(frame.type, session.agent, conversation);
      return;
    }
    case 'presence.update': {
      if (session.agent.status === 'suspended') return;
      const { status, custom_message } = fieldsOf(frame.payload) ?? {};
      if (findProblems(presenceUpdateSchema, { status, custom_message }).length > 0) return;
      if (!(PRESENCE_STATUSES as readonly unknown[]).includes(status)) return;
      const announce = sayPresence(parts, session.agent, { status, custom_message } as PresenceUpdate);
      parts.keeper.afterSaved(announce);
      return;
    }
    case 'message.read_ack': {
      const payload = fieldsOf(frame.payload);
      const conversation = conversationOf(parts.world, session, payload);
      const throughSeq = payload?.through_seq;
      if (conversation === undefined || !Number.isSafeInteger(throughSeq)) return;
      const receipts = readThrough(parts.world, session.agent, conversation, throughSeq as number);
      parts.keeper.afterSaved(() => {
        for (const receipt of receipts) parts.pushes.messageRead(receipt);
      });
    }
  }
}

/** Only where the capability was echoed: a legacy connection has nothing to acknowledge. */
function acknowledge(world: World, session: Session, messageId: unknown): void {
  if (session.mode !== 'ack' || typeof messageId !== 'string') return;
  const envelope = world.messages.byId(messageId)?.envelopes.get(session.agent.handle);
  if (envelope !== undefined) session.agent.inbox.markDelivered(envelope, world.timestamp());
}

/** The conversation that a payload names, if the agent takes part in it. */
function conversationOf(
  world: World,
  session: Session,
  payload: Fields | undefined,
): Conversation | undefined {
  const id = payload?.conversation_id;
  const conversation = typeof id === 'string' ? world.conversations.byId(id) : undefined;
  return conversation?.members.has(session.agent.handle) === true ? conversation : undefined;
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
