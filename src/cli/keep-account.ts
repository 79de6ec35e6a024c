import { credentialsFile, readCredentials, writeCredentials } from '../credentials/index.js';
import { userHome } from './account.js';
import { UsageError } from './failure.js';
import { mask } from './mask.js';
import type { Output } from './output.js';

/** @throws UsageError when there is an account that a new one would take the place of. */
export async function refuseOverwriting(isForced: boolean): Promise<void> {
  if (isForced) return;
  const path = await credentialsFile(await userHome());
  const held = await readCredentials(path, 'Or take its place with --force.');
  if (held === null) return;
  const whose = held.handle === undefined ? 'an account' : `the account of ${held.handle}`;
  throw new UsageError(
    `${path} holds ${whose}. Take its place with --force, or set AGENTCHAT_HOME to another folder.`,
  );
}

/** Keeps an account for all commands and bots of this user, and says where. */
export async function keepAccount(
  account: { readonly apiKey: string; readonly handle: string; readonly baseUrl: string },
  out: Output,
): Promise<void> {
  const path = await credentialsFile(await userHome());
  await writeCredentials(path, account);
  const { apiKey, handle, baseUrl } = account;
  const key = mask(apiKey);
  out.data(
    { handle, baseUrl, key, path },
    `${out.color.bold(handle)} at ${baseUrl}: key ${key} is kept in ${path}`,
  );
}
