import { DEFAULT_BASE_URL } from '../wire/index.js';
import { readEnvironment } from './environment.js';
import { invalid } from './invalid.js';

/** Read when no `baseUrl` is given: our name for it, and that of the official tools. */
const BASE_URL_VARIABLES = ['AGENTCHAT_BASE_URL', 'AGENTCHAT_API_BASE'] as const;

const HTTP_SCHEMES: Readonly<Record<string, string>> = {
  'http:': 'http:',
  'https:': 'https:',
  // The address of the socket is the same but for its scheme, so it is taken for what is meant.
  'ws:': 'http:',
  'wss:': 'https:',
};

/**
 * The base that paths are appended to: `http` or `https`, no slash at its end, a path prefix kept.
 *
 * @param given The option; without it `AGENTCHAT_BASE_URL` or `AGENTCHAT_API_BASE`, and then the service itself.
 * @throws ValidationError when it is no absolute `http(s)` or `ws(s)` URL, or carries credentials, a query or a fragment; and
 * when the two variables name different places.
 */
export function resolveBaseUrl(given: string | undefined): string {
  if (given !== undefined && typeof given !== 'string')
    throw invalid('baseUrl', '"baseUrl" must be a string');
  return given === undefined ? baseUrlOfEnvironment() : readBaseUrl(given, '"baseUrl"');
}

function baseUrlOfEnvironment(): string {
  const [first = DEFAULT_BASE_URL, ...others] = BASE_URL_VARIABLES.flatMap((name) => {
    const value = readEnvironment(name);
    return value === undefined ? [] : [readBaseUrl(value, name)];
  });
  // To choose one of them would be to send the key to a place that somebody did not mean.
  if (others.some((other) => other !== first)) {
    throw invalid(
      'baseUrl',
      `${BASE_URL_VARIABLES.join(' and ')} name different places: unset one of them, or pass the option "baseUrl"`,
    );
  }
  return first;
}

/**
 * A base URL as requests need it: `http` or `https`, no slash at its end, a path prefix kept.
 *
 * @param source What errors call it.
 * @param example What one looks like.
 * @throws ValidationError when it cannot be one.
 */
export function readBaseUrl(text: string, source: string, example: string = DEFAULT_BASE_URL): string {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw invalid('baseUrl', `${source} must be an absolute URL such as ${example}`);
  }
  const scheme = HTTP_SCHEMES[url.protocol];
  if (scheme === undefined) {
    throw invalid('baseUrl', `${source} must begin with https:// or http://, not ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw invalid('baseUrl', `${source} must not hold credentials: pass the key as "apiKey"`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw invalid('baseUrl', `${source} must not hold a query or a fragment: paths are appended to it`);
  }
  return `${scheme}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
}
