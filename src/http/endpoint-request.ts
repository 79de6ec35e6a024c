import {
  type Endpoint,
  type EndpointKey,
  endpoints,
  findProblems,
  type HttpMethod,
  pathOf,
  type Schema,
} from '../wire/index.js';
import { type CallOptions, checkCallOptions } from './call-options.js';
import { given } from './given.js';
import { invalid } from './invalid.js';
import type { HttpRequestOptions, Query } from './prepare.js';

/** What a call of an endpoint is made of. */
export interface EndpointInput {
  /** The values in its path. */
  readonly params?: Readonly<Record<string, string>> | undefined;
  readonly query?: Query | undefined;
  readonly body?: unknown;
  /** Further headers, such as what an upload is. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** To whom it speaks: an agent or a group that the service may refuse for being too busy, and others not. */
  readonly addressee?: string | undefined;
}

/**
 * The request for an endpoint of the table, checked against its schemas.
 *
 * @throws ValidationError that names the first field that is not as the contract says.
 */
export function endpointRequest(
  key: EndpointKey,
  input: EndpointInput,
  options: CallOptions,
): { method: HttpMethod; path: string; kind: string | undefined } & HttpRequestOptions {
  const call = checkCallOptions(options);
  const query = input.query === undefined ? undefined : given(input.query);
  const endpoint: Endpoint = endpoints[key];
  if (endpoint.query !== null) checkAgainst(endpoint.query, query ?? {}, key);
  const { body } = endpoint;
  if (body.kind === 'json' && body.surelyFits?.(input.body) !== true)
    checkAgainst(body.schema, input.body, key);
  const hasParams = endpoint.path.includes('{');
  return {
    ...call,
    method: endpoint.method,
    path: hasParams ? pathFor(endpoint, input.params ?? {}) : endpoint.path,
    kind: hasParams ? key : undefined,
    query,
    body: input.body,
    headers: input.headers,
    redirect: endpoint.success.includes(302) ? 'return' : 'refuse',
    auth: endpoint.auth,
    retry: RETRY[endpoint.repeatable],
  };
}

/** Where nothing is said, a POST or PATCH is repeated only when it has an idempotency key. */
const RETRY: Readonly<Record<Endpoint['repeatable'], 'always' | 'never' | undefined>> = {
  always: 'always',
  'with-idempotency-key': undefined,
  never: 'never',
};

function checkAgainst(schema: Schema, value: unknown, key: EndpointKey): void {
  const [first] = findProblems(schema, value);
  if (first === undefined) return;
  const where = first.field === '' ? 'the request' : `\`${first.field}\``;
  throw invalid(first.field === '' ? 'request' : first.field, `${key}: ${where} ${first.problem}.`);
}

function pathFor(endpoint: Endpoint, params: Readonly<Record<string, string>>): string {
  try {
    return pathOf(endpoint, params);
  } catch (error) {
    const message = error instanceof Error ? error.message : 'a value in the path is missing';
    throw invalid(/^"(\w+)"/.exec(message)?.[1] ?? 'path', message);
  }
}
