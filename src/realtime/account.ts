import { type Account, accountOf, checkApiKey, invalid, resolveBaseUrl } from '../http/index.js';
import type { RealtimeOptions } from './options.js';

type AccountOptions = Pick<RealtimeOptions, 'apiKey' | 'baseUrl'>;

/**
 * Which agent the socket is for, and where: the account of `client`, if that has one, so that the socket and REST are never
 * two agents; else the options, and what the environment says.
 *
 * @throws ValidationError for a key or an address that is not the client's.
 */
export function accountFor({ client, apiKey, baseUrl }: RealtimeOptions): AccountOptions {
  const account = accountOf(client);
  if (account === undefined) return { apiKey, baseUrl };
  checkSameKey(account, apiKey);
  if (baseUrl !== undefined && resolveBaseUrl(baseUrl) !== account.baseUrl) {
    throw invalid(
      'baseUrl',
      `"baseUrl" is ${resolveBaseUrl(baseUrl)}, and that of \`client\` is ${account.baseUrl}: leave it out, and the ` +
        "client's is used",
    );
  }
  return { apiKey: apiKey ?? account.apiKey, baseUrl: account.baseUrl };
}

/** What functions will give cannot be compared here: they are taken at their word. */
function checkSameKey(account: Account, apiKey: AccountOptions['apiKey']): void {
  if (apiKey === undefined || typeof apiKey === 'function' || typeof account.apiKey === 'function') return;
  if (checkApiKey(apiKey) === account.apiKey) return;
  throw invalid(
    'apiKey',
    '"apiKey" is not the key of `client`, so the socket would be one agent and REST another: leave it out, and the ' +
      "client's is used",
  );
}
