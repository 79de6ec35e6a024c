import type { ApiKeySource } from './api-key.js';

/** Whose requests they are, and where they go. */
export interface Account {
  readonly apiKey: ApiKeySource;
  /** As `resolveBaseUrl` gives it. */
  readonly baseUrl: string;
}

/**
 * A client that lends its account to a part which talks to the same service for the same agent. The name is the same in both
 * module formats. It is a method of the prototype, so that no way of printing a client shows what it gives, and no symbol:
 * bundlers keep a class that has a method with a computed name, used or not.
 */
interface AccountLender {
  'agentchat-client.account'(): Account;
}

/** The account of a client of ours; `undefined` for anything else. */
export function accountOf(client: unknown): Account | undefined {
  const lend = (client as Partial<AccountLender> | null | undefined)?.['agentchat-client.account'];
  return typeof lend === 'function' ? lend.call(client) : undefined;
}
