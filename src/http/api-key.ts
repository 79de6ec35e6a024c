import { readEnvironment } from './environment.js';
import { invalid } from './invalid.js';

/** Read when no `apiKey` is given. */
const API_KEY_VARIABLE = 'AGENTCHAT_API_KEY';

/** The key, or a function that is asked for it before each attempt, so that a rotated key is picked up. */
export type ApiKeySource = string | (() => string | Promise<string>);

/**
 * Finds where the key comes from: the option, else the environment.
 *
 * @throws ValidationError when neither has one, or when it can be seen right away that it is no key.
 */
export function resolveApiKeySource(given: ApiKeySource | undefined): ApiKeySource {
  if (typeof given === 'function') return given;
  const key = given ?? readEnvironment(API_KEY_VARIABLE);
  if (key === undefined) {
    throw invalid(
      'apiKey',
      `no API key: pass the option "apiKey" or set the environment variable ${API_KEY_VARIABLE}`,
    );
  }
  return checkApiKey(key);
}

/**
 * The key as it may go into a header. White space around it (a line end from a file) is dropped.
 *
 * Checked here because `fetch` quotes a header value that it does not like in its error, key and all.
 */
export function checkApiKey(key: unknown): string {
  const trimmed = typeof key === 'string' ? key.trim() : '';
  if (trimmed === '') {
    throw invalid('apiKey', '"apiKey" must be a non-empty string, or a function that returns one');
  }
  if (!/^[\x21-\x7e]+$/.test(trimmed)) {
    throw invalid(
      'apiKey',
      '"apiKey" holds a space or a character that no API key has: was it copied whole?',
    );
  }
  return trimmed;
}
