import { ValidationError } from '../errors/index.js';
import { readEnvironment } from '../http/index.js';

/** Whose bot it is, and where its service is. */
export interface Credentials {
  readonly apiKey: string;
  readonly baseUrl: string | undefined;
}

const HOW = 'Pass `apiKey` to createBot(), or set the environment variable AGENTCHAT_API_KEY.';

/** Whether the environment says whose bot it is: then no file is looked for. */
export function isInEnvironment(): boolean {
  return readEnvironment('AGENTCHAT_API_KEY') !== undefined;
}

/** Whether the environment says where the service is: it beats the file. */
function isAddressInEnvironment(): boolean {
  return ['AGENTCHAT_BASE_URL', 'AGENTCHAT_API_BASE'].some((name) => readEnvironment(name) !== undefined);
}

/**
 * The account in the credentials file: `credentials` in the folder `AGENTCHAT_HOME`, by default `.agentchat` in the home of the user.
 * The last place that is looked at. A file that cannot be read is an error: it never makes the bot another agent.
 *
 * @throws ValidationError when there is none, or when it does not hold an account. It never quotes what stands there.
 */
export async function credentialsFromFile(): Promise<Credentials> {
  const path = await credentialsPath();
  const text = path === null ? null : await readText(path);
  if (text === null) {
    const place = path === null ? '' : ` There is no file ${path} either.`;
    throw new ValidationError(`The bot has no API key. ${HOW}${place}`);
  }
  return accountIn(text, path ?? '');
}

async function credentialsPath(): Promise<string | null> {
  const folder = readEnvironment('AGENTCHAT_HOME');
  try {
    const [{ join }, { homedir }] = await Promise.all([import('node:path'), import('node:os')]);
    return join(folder ?? join(homedir(), '.agentchat'), 'credentials');
  } catch {
    // Browsers and workers have no files.
    return null;
  }
}

/** Null when there is no such file. */
async function readText(path: string): Promise<string | null> {
  const { readFile } = await import('node:fs/promises');
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return null;
    throw new ValidationError({
      message: `The credentials in ${path} cannot be read. Mend the file, or move it away. ${HOW}`,
      cause,
    });
  }
}

function accountIn(text: string, path: string): Credentials {
  let held: { readonly api_key?: unknown; readonly api_base?: unknown } | null = null;
  try {
    held = JSON.parse(text);
  } catch {
    // The engine's message quotes the text, and so the key.
  }
  const { api_key: apiKey, api_base: baseUrl } = held ?? {};
  const isBase = baseUrl === undefined || baseUrl === null || typeof baseUrl === 'string';
  if (typeof apiKey !== 'string' || apiKey.trim() === '' || !isBase) {
    throw new ValidationError(
      `The file ${path} does not hold an account: { "api_key": "...", "api_base": "https://..." }. Mend it, or move it away. ${HOW}`,
    );
  }
  return { apiKey, baseUrl: isAddressInEnvironment() ? undefined : (baseUrl ?? undefined) };
}
