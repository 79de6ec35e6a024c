/** The recipient of a direct send has thousands of undelivered messages: slow down. */
export interface BacklogWarning {
  recipientHandle: string;
  undeliveredCount: number;
}

/** Told of each {@link BacklogWarning}. */
export type BacklogWarningHandler = (warning: BacklogWarning) => void;

/**
 * Reads the `X-Backlog-Warning` header of a successful send, `<handle>=<count>`. A malformed one is `null`: the send
 * has succeeded, and a header must not turn that into an error.
 */
export function parseBacklogWarning(header: string | null | undefined): BacklogWarning | null {
  if (typeof header !== 'string') return null;
  const split = header.indexOf('=');
  if (split === -1) return null;
  const recipientHandle = header.slice(0, split).trim();
  const count = header.slice(split + 1).trim();
  if (recipientHandle === '' || !/^\d+$/.test(count)) return null;
  const undeliveredCount = Number(count);
  return Number.isSafeInteger(undeliveredCount) ? { recipientHandle, undeliveredCount } : null;
}
