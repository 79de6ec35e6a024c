import type { ApiKeySource } from './api-key.js';

/** Whose requests they are, and where they go. */
export interface Account {
  readonly apiKey: ApiKeySource;
  /** As `resolveBaseUrl` gives it. */
  readonly baseUrl: string;
}

/**
 * Under this a client lends its account to a part that talks to the same service for the same agent. The same in both module
 * formats; a method of the prototype, so that no way of printing a client shows what it gives.
 */
export const ACCOUNT = /* @__PURE__ */ Symbol.for('agentchat-client.account');

/** The account of a client of ours; `undefined` for anything else. */
export function accountOf(client: unknown): Account | undefined {
  const lend = (client as { [ACCOUNT]?: unknown } | null | undefined)?.[ACCOUNT];
  return typeof lend === 'function' ? (lend.call(client) as Account) : undefined;
}
