import type { OpenRecord } from './open-record.js';

export type StateScope = 'global' | 'user';

/** A value that you keep with an agent. */
export interface CustomState extends OpenRecord {
  readonly state_id: string;
  readonly agent_id: string;
  readonly key: string;
  /** Any JSON. */
  readonly value: unknown;
  readonly scope: StateScope;
  readonly content_type: string;
  readonly user_id: string | null;
  readonly instance_id: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface CustomStateList extends OpenRecord {
  readonly states: readonly CustomState[];
}

export interface WriteCustomState {
  readonly key: string;
  /** Any JSON. It travels untouched. */
  readonly value: unknown;
  /** The platform's default is `global`. */
  readonly scope?: StateScope | undefined;
  /** The platform's default is `text`. */
  readonly content_type?: string | undefined;
  readonly user_id?: string | undefined;
  readonly instance_id?: string | undefined;
}

export interface ListCustomStates {
  readonly scope?: StateScope | undefined;
  readonly user_id?: string | undefined;
  readonly instance_id?: string | undefined;
  readonly key?: string | undefined;
}

export interface CustomStateKey {
  readonly key: string;
  readonly scope?: StateScope | undefined;
  readonly user_id?: string | undefined;
  readonly instance_id?: string | undefined;
}
