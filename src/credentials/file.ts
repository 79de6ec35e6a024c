import { ValidationError } from '../errors/index.js';
import { isAddressInEnvironment } from './environment.js';
import { writePrivately } from './private-file.js';

/** An account as the credentials file holds it. */
export interface StoredAccount {
  readonly apiKey: string;
  /** Whose key it was when it was written. The service knows better: ask `getMe()`. */
  readonly handle: string | undefined;
  /** Undefined when the file does not say, and when the environment says it. */
  readonly baseUrl: string | undefined;
}

/** The credentials file in the folder that `homeFolder()` gives. */
export async function credentialsFile(home: string): Promise<string> {
  const { join } = await import('node:path');
  return join(home, 'credentials');
}

/**
 * The account in the credentials file; null when there is no such file. A file that cannot be read is an error: it never makes
 * anybody another agent.
 *
 * @param advice What else the reader can do, as a sentence: it ends the message of an error.
 * @throws ValidationError when the file does not hold an account. It never quotes what stands there.
 */
export async function readCredentials(path: string, advice: string): Promise<StoredAccount | null> {
  const text = await readText(path, advice);
  return text === null ? null : accountIn(text, path, advice);
}

/** Writes the account into the file, for its owner's eyes only (mode 0600). */
export async function writeCredentials(
  path: string,
  account: { readonly apiKey: string; readonly handle: string; readonly baseUrl: string },
): Promise<void> {
  const held = {
    api_key: account.apiKey,
    handle: account.handle,
    api_base: account.baseUrl,
    created_at: new Date().toISOString(),
  };
  await writePrivately(path, `${JSON.stringify(held, null, 2)}\n`);
}

/** Null when there is no such file. */
async function readText(path: string, advice: string): Promise<string | null> {
  const { readFile } = await import('node:fs/promises');
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ENOENT') return null;
    throw new ValidationError({
      message: `The credentials in ${path} cannot be read. Mend the file, or move it away. ${advice}`,
      cause,
    });
  }
}

function accountIn(text: string, path: string, advice: string): StoredAccount {
  let held: { readonly api_key?: unknown; readonly api_base?: unknown; readonly handle?: unknown } | null =
    null;
  try {
    held = JSON.parse(text);
  } catch {
    // The engine's message quotes the text, and so the key.
  }
  const { api_key: apiKey, api_base: baseUrl, handle } = held ?? {};
  const isBase = baseUrl === undefined || baseUrl === null || typeof baseUrl === 'string';
  if (typeof apiKey !== 'string' || apiKey.trim() === '' || !isBase) {
    throw new ValidationError(
      `The file ${path} does not hold an account: { "api_key": "...", "api_base": "https://..." }. Mend it, or move it away. ${advice}`,
    );
  }
  return {
    apiKey,
    handle: typeof handle === 'string' ? handle : undefined,
    baseUrl: isAddressInEnvironment() ? undefined : (baseUrl ?? undefined),
  };
}
