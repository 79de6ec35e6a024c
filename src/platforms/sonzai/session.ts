import type { SonzaiCallOptions } from './call-options.js';
import { wireTurn } from './casing/wire-turn.js';
import { checkModelChoice, checkNotEmpty } from './checks.js';
import type { AgentContext, ContextQuery } from './records/context.js';
import type {
  EndSession,
  SessionEndDetails,
  SessionEnded,
  SessionEndState,
  SessionTurn,
  TurnAnswer,
  TurnStatus,
} from './records/session.js';
import type { SonzaiWire } from './sonzai-wire.js';

/** Where a session is. */
export interface SessionPlace {
  readonly agentId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly instanceId: string | undefined;
}

/** Gives the context of an agent. */
export interface ContextSource {
  getContext(agentId: string, fields: ContextQuery, options?: SonzaiCallOptions): Promise<AgentContext>;
}

/** Ends a session. */
export interface SessionEnder {
  end(
    agentId: string,
    fields: EndSession,
    options?: SonzaiCallOptions,
  ): Promise<SessionEnded | SessionEndState>;
}

/** What {@link Session.context} asks with besides the ids of the session. */
export type SessionContextQuery = Pick<ContextQuery, 'query' | 'language' | 'timezone'>;

/** The handle of a session: it knows the ids, so that you do not repeat them. */
export class Session {
  readonly agentId: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly instanceId: string | undefined;
  readonly #wire: SonzaiWire;
  readonly #contexts: ContextSource;
  readonly #ender: SessionEnder;

  constructor(wire: SonzaiWire, place: SessionPlace, contexts: ContextSource, ender: SessionEnder) {
    this.#wire = wire;
    this.#contexts = contexts;
    this.#ender = ender;
    this.agentId = place.agentId;
    this.userId = place.userId;
    this.sessionId = place.sessionId;
    this.instanceId = place.instanceId;
  }

  /** All that your model needs to speak as the agent. */
  async context(query: SessionContextQuery = {}, options: SonzaiCallOptions = {}): Promise<AgentContext> {
    const { userId: user_id, sessionId: session_id, instanceId: instance_id } = this;
    return this.#contexts.getContext(this.agentId, { ...query, user_id, session_id, instance_id }, options);
  }

  /** Tells the platform what was said, so that the agent remembers it. */
  async turn(fields: SessionTurn, options: SonzaiCallOptions = {}): Promise<TurnAnswer> {
    const label = 'session.turn';
    const { agentId, sessionId } = this;
    const body = wireTurn(this, fields);
    checkNotEmpty(fields.messages, 'messages', label);
    checkModelChoice(fields, label);
    const path = '/agents/{agentId}/sessions/{sessionId}/turn';
    return this.#wire.object({ label, method: 'POST', path, ids: { agentId, sessionId }, body }, options);
  }

  /** Whether the agent has taken in a turn: pass the `extraction_id` that {@link turn} gave. */
  async status(extractionId: string, options: SonzaiCallOptions = {}): Promise<TurnStatus> {
    const { agentId } = this;
    const path = '/agents/{agentId}/turns/{extractionId}/status';
    const operation = {
      label: 'session.status',
      method: 'GET',
      path,
      ids: { agentId, extractionId },
    } as const;
    return this.#wire.object(operation, options);
  }

  /** Ends the session: see `sessions.end`. */
  async end(
    fields: SessionEndDetails = {},
    options: SonzaiCallOptions = {},
  ): Promise<SessionEnded | SessionEndState> {
    const { userId: user_id, sessionId: session_id, instanceId: instance_id } = this;
    return this.#ender.end(this.agentId, { ...fields, user_id, session_id, instance_id }, options);
  }
}
