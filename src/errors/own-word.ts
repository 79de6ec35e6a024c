import { AgentChatClientError } from './agent-chat-client-error.js';

/**
 * CATCH-3: whether a refusal is the service's own word, which stands. A proxy on the way also answers 401, 403 and 404, with a
 * page of its own in the middle of a deploy for instance: that says nothing about what was asked for, and passes.
 *
 * An error of somebody else's that bears a `status` is taken at its word: who made it has read the answer. One that could
 * not be read can say so with `foreign: true`.
 */
export function isServicesWord(error: unknown): boolean {
  return statusOf(error) !== undefined && !isForeign(error);
}

/** The HTTP status that an error bears, whoever made it. Total. */
export function statusOf(error: unknown): number | undefined {
  const status = fieldOf(error, 'status');
  return typeof status === 'number' ? status : undefined;
}

function isForeign(error: unknown): boolean {
  return error instanceof AgentChatClientError ? error.foreign === true : fieldOf(error, 'foreign') === true;
}

/** A field of whatever was thrown. Total. */
export function fieldOf(error: unknown, name: 'status' | 'foreign' | 'name'): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    return (error as { status?: unknown; foreign?: unknown; name?: unknown })[name];
  } catch {
    // Anything can be thrown, also what throws when it is read.
    return undefined;
  }
}
