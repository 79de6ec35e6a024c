import { credentialsFile, homeFolder, readCredentials, type StoredAccount } from '../credentials/index.js';
import { ValidationError } from '../errors/index.js';

const HOW = 'Pass `apiKey` to createBot(), or set the environment variable AGENTCHAT_API_KEY.';

/**
 * The account in the credentials file: the last place that is looked at.
 *
 * @throws ValidationError when there is none, or when the file does not hold an account. It never quotes what stands there.
 */
export async function accountFromFile(): Promise<StoredAccount> {
  const home = await homeFolder();
  const path = home === null ? null : await credentialsFile(home);
  const account = path === null ? null : await readCredentials(path, HOW);
  if (account !== null) return account;
  const place = path === null ? '' : ` There is no file ${path} either.`;
  throw new ValidationError(`The bot has no API key. ${HOW}${place}`);
}
