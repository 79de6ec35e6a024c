import type { BigFiveTrait, Dimensions } from './agent.js';
import type { OpenRecord } from './open-record.js';

export interface PersonalityQuery {
  /** Changes to give at most, 1 to 1,000. The platform's default is 200. */
  readonly history_limit?: number | undefined;
  /** Only changes since this date. */
  readonly since?: string | undefined;
}

export interface PersonalityProfile extends OpenRecord {
  readonly name: string;
  readonly gender: string;
  readonly bio?: string | undefined;
  readonly big5: Readonly<Record<string, BigFiveTrait>>;
  readonly dimensions: Dimensions;
  readonly preferences: OpenRecord;
  readonly behaviors: OpenRecord;
  readonly primary_traits: readonly string[] | null;
  readonly speech_patterns: readonly string[] | null;
  readonly true_interests: readonly string[] | null;
  readonly true_dislikes: readonly string[] | null;
  readonly temperature: unknown;
  readonly emotional_tendencies?: unknown;
  readonly trait_precisions?: unknown;
}

export interface Personality extends OpenRecord {
  readonly profile: PersonalityProfile;
  readonly evolution: readonly OpenRecord[];
}
