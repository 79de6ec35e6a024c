import { checkFilled } from '../../../http/index.js';
import { poll } from '../../shared/poller.js';
import type { SonzaiCallOptions } from '../call-options.js';
import { checkFields, checkModelChoice } from '../checks.js';
import type { Success } from '../records/open-record.js';
import type { EndSession, SessionEnded, SessionEndState, StartSession } from '../records/session.js';
import { type ContextSource, Session } from '../session.js';
import type { SonzaiWire } from '../sonzai-wire.js';
import { Group } from './group.js';

/** The pauses between two looks at a session that has ended: half a second, half as much more each time, five at most. */
const POLL_DELAYS_MS: readonly number[] = [500, 750, 1_125, 1_687, 2_531, 3_797, 5_000];
const POLL_LIMIT_MS = 600_000;

/** Sessions that you run with a model of your own: the platform is the memory. Chats open and close theirs by themselves. */
export class Sessions extends Group {
  readonly #context: ContextSource;

  constructor(wire: SonzaiWire, context: ContextSource) {
    super(wire);
    this.#context = context;
  }

  /**
   * Begins a session and gives its handle.
   *
   * @example
   * const session = await sonzai.agents.sessions.start('luna', { user_id: 'alice', session_id: 's1' });
   * const context = await session.context({ query: 'What is new?' });
   * await session.turn({ messages: [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello!' }] });
   * await session.end({ wait: true });
   */
  async start(agentId: string, fields: StartSession, options: SonzaiCallOptions = {}): Promise<Session> {
    const label = 'agents.sessions.start';
    checkSession(fields, label);
    const path = '/agents/{agentId}/sessions/start';
    await this.wire.object<Success>({ label, method: 'POST', path, ids: { agentId }, body: fields }, options);
    const { user_id: userId, session_id: sessionId, instance_id: instanceId } = fields;
    return new Session(this.wire, { agentId, userId, sessionId, instanceId }, this.#context, this);
  }

  /**
   * Ends a session. With `wait`, it also asks until the platform has worked the session off, for ten minutes at most, and gives the last
   * state that it saw.
   */
  async end(
    agentId: string,
    fields: EndSession,
    options: SonzaiCallOptions = {},
  ): Promise<SessionEnded | SessionEndState> {
    const label = 'agents.sessions.end';
    checkSession(fields, label);
    const { force_sync, total_messages = 0, duration_seconds = 0, ...rest } = fields;
    const body = { ...rest, total_messages, duration_seconds };
    const query = { force_sync };
    const path = '/agents/{agentId}/sessions/end';
    const operation = { label, method: 'POST', path, ids: { agentId }, query, body } as const;
    const answer = await this.wire.object<SessionEnded>(operation, options);
    const { processing_id } = answer;
    if (fields.wait !== true || typeof processing_id !== 'string') return answer;
    return this.#untilDone(processing_id, options);
  }

  async #untilDone(
    processingId: string,
    { idempotencyKey: _, ...options }: SonzaiCallOptions,
  ): Promise<SessionEndState> {
    const label = 'agents.sessions.end';
    const path = '/sessions/end/status/{processingId}';
    const operation = { label, method: 'GET', path, ids: { processingId } } as const;
    const { state } = await poll({
      label,
      ask: () => this.wire.object<SessionEndState>(operation, options),
      isDone: ({ state, finished_at }) => state === 'done' || state === 'failed' || finished_at != null,
      delaysMs: POLL_DELAYS_MS,
      limitMs: POLL_LIMIT_MS,
      signal: options.signal,
      signals: this.wire.signals,
      clock: this.wire.clock,
    });
    return state;
  }
}

function checkSession(fields: StartSession | EndSession, label: string): void {
  checkFields(fields, label);
  checkFilled(fields.user_id, 'user_id');
  checkFilled(fields.session_id, 'session_id');
  checkModelChoice(fields, label);
}
