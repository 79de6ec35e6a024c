/** A call, as the store remembers it. It holds no token: those are made when they are needed. */
export interface CallRecord {
  readonly channel: string;
  /** The name under which the agent is started: the platform refuses a second one. */
  readonly name: string;
  /** Whose call it is: a handle. */
  readonly caller: string;
  /** The uid with which the caller joins. */
  readonly uid: number;
  /** The platform's id of the agent; null from before the start until its answer. */
  readonly agentId: string | null;
}

/** A record and where it stands. */
export interface StoredCall {
  readonly conversationId: string;
  readonly record: CallRecord;
  readonly version: number;
}

/** Whoever shares the store may have written there: null for what is no call. */
export function callRecordOf(value: unknown): CallRecord | null {
  if (typeof value !== 'object' || value === null) return null;
  const { channel, name, caller, uid, agentId } = value as Partial<Record<keyof CallRecord, unknown>>;
  if (!isFilled(channel) || !isFilled(name) || !isFilled(caller)) return null;
  if (!Number.isSafeInteger(uid) || !(agentId === null || isFilled(agentId))) return null;
  return { channel, name, caller, uid: uid as number, agentId };
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
