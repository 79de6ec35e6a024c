import { readEnvironment } from '../http/index.js';

/**
 * The folder of this user's agents: `AGENTCHAT_HOME`, by default `.agentchat` in the home of the user. Null where there are no
 * files: in browsers and workers.
 *
 * Ask once and pass it on: what looked it up twice could write the account of one agent over that of another.
 */
export async function homeFolder(): Promise<string | null> {
  const folder = readEnvironment('AGENTCHAT_HOME');
  try {
    const [{ join }, { homedir }] = await Promise.all([import('node:path'), import('node:os')]);
    return folder ?? join(homedir(), '.agentchat');
  } catch {
    return null;
  }
}
