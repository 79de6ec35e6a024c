import type { OpenRecord } from './open-record.js';

/** A model provider whose key a project can bring. Newer ones pass. */
export type ByokProvider =
  | 'openai'
  | 'gemini'
  | 'xai'
  | 'openrouter'
  | 'anthropic'
  | (string & Record<never, never>);

/** What the platform tells of a key that a project has brought. The key itself never comes back. */
export interface ByokKey extends OpenRecord {
  readonly provider: ByokProvider;
  /** The beginning of the key, to tell keys apart. */
  readonly api_key_prefix: string;
  readonly health_status: 'healthy' | 'invalid' | 'unknown' | (string & Record<never, never>);
  readonly is_active: boolean;
  readonly updated_at: string;
  readonly last_health_check_at?: string | null | undefined;
  readonly last_health_error?: string | null | undefined;
  readonly last_used_at?: string | null | undefined;
}

export interface ByokKeyList extends OpenRecord {
  readonly keys: readonly ByokKey[];
}

export interface SetByokKey {
  /** The key of the provider. It goes to the platform, and into no log and no error of this client. */
  readonly api_key: string;
}

export interface SetByokActive {
  readonly is_active: boolean;
}
