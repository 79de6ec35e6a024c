import { credentialsFile, homeFolder, isKeyInEnvironment, readCredentials } from '../credentials/index.js';
import { checkApiKey, readEnvironment, resolveBaseUrl } from '../http/index.js';
import { AgentChatClient } from '../rest/index.js';
import { EXIT } from './exit-code.js';
import { Failure, UsageError } from './failure.js';
import { findLocalService } from './local-service.js';
import { portIn } from './values.js';

const HOW =
  'Set AGENTCHAT_API_KEY, or run `agentchat login` or `agentchat register`. Without an account: `agentchat dev`, and then --as <handle>.';

/** Whose command it is, and where its service is. */
export interface Account {
  readonly apiKey: string;
  readonly baseUrl: string;
  /** Where the key was found, for people. */
  readonly source: string;
}

/** What was typed about the account. */
export interface AccountArgs {
  readonly as?: string | undefined;
  readonly 'base-url'?: string | undefined;
  readonly port?: string | undefined;
}

/** The folder of this user's agents. */
export async function userHome(): Promise<string> {
  const home = await homeFolder();
  if (home === null) throw new Failure('There is no place for files here.');
  return home;
}

/**
 * The account to act for: an agent of a local service if one was named, else the key in the environment, else the credentials
 * file. What is malformed is an error; the next place is not looked at.
 *
 * @throws UsageError and ValidationError, none of which quotes a key.
 */
export async function findAccount(args: AccountArgs): Promise<Account> {
  const home = await userHome();
  if (args.as !== undefined) {
    if (args['base-url'] !== undefined) throw new UsageError('--as and --base-url exclude each other.');
    return localAccount(home, args.as, portIn(args.port));
  }
  if (isKeyInEnvironment()) {
    return {
      apiKey: checkApiKey(readEnvironment('AGENTCHAT_API_KEY')),
      baseUrl: resolveBaseUrl(args['base-url']),
      source: 'AGENTCHAT_API_KEY',
    };
  }
  const path = await credentialsFile(home);
  const stored = await readCredentials(path, HOW);
  if (stored === null) throw new UsageError(`There is no API key. ${HOW}`);
  const { apiKey, baseUrl } = stored;
  return {
    apiKey: checkApiKey(apiKey),
    baseUrl: resolveBaseUrl(args['base-url'] ?? baseUrl),
    source: path,
  };
}

/** The account of a key that was just typed. @throws ValidationError that does not quote it. */
export function typedAccount(apiKey: string, baseUrl: string | undefined): Account {
  return { apiKey: checkApiKey(apiKey), baseUrl: resolveBaseUrl(baseUrl), source: 'what was typed' };
}

export function clientOf({ apiKey, baseUrl }: Account): AgentChatClient {
  return new AgentChatClient({ apiKey, baseUrl });
}

async function localAccount(home: string, name: string, port: number | undefined): Promise<Account> {
  const service = await findLocalService(home, port);
  const handle = name.replace(/^@/, '').toLowerCase();
  const agent = service.agents.find((each) => each.handle === handle);
  if (agent === undefined) {
    const known = service.agents.map((each) => each.handle).join(', ');
    throw new Failure(
      `The local service at ${service.url} has no agent "${handle}". It was started with: ${known}.`,
      EXIT.usage,
    );
  }
  return { apiKey: agent.apiKey, baseUrl: service.url, source: `the local service at ${service.url}` };
}
