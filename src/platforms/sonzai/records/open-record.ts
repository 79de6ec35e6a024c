/** What the platform answers with: the fields that are known are typed, and all others are kept as they came. */
export interface OpenRecord {
  readonly [field: string]: unknown;
}

/** The answer to a change that gives nothing else. */
export interface Success extends OpenRecord {
  readonly success: boolean;
}
