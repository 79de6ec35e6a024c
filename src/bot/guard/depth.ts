/** The field of a message's metadata that says how many answers of bots led to it. */
export const DEPTH_KEY = 'agentchat_depth';

/** Whoever writes a larger number has written this one. */
const DEEPEST = 1_000;

/**
 * How many answers of bots led to a message, as its sender says. Metadata is not to be trusted: whatever is no whole number of 0
 * or more counts as 0.
 */
export function depthOf(metadata: unknown): number {
  const depth: unknown = (metadata as { readonly [DEPTH_KEY]?: unknown } | null | undefined)?.[DEPTH_KEY];
  return typeof depth === 'number' && Number.isInteger(depth) && depth > 0 ? Math.min(depth, DEEPEST) : 0;
}

/** The metadata of an answer to a message of this depth. */
export function withDepth(
  metadata: Readonly<Record<string, unknown>>,
  depth: number,
): Record<string, unknown> {
  return { ...metadata, [DEPTH_KEY]: Math.min(depth + 1, DEEPEST) };
}
