import {
  AgentChatClient,
  DEFAULT_RETRY_POLICY,
  type ErrorInfo,
  type HttpMethod,
  type HttpRequestOptions,
  type HttpResponse,
  HttpTransport,
  type HttpTransportOptions,
  type RequestHooks,
  type RequestInfo,
  type ResponseInfo,
  type RetryInfo,
  type RetryOption,
  type RetryPolicy,
  VERSION,
} from 'agentchatme';

export function observed(apiKey: string, log: (...words: unknown[]) => void): AgentChatClient {
  return new AgentChatClient({
    apiKey,
    hooks: {
      onRequest: ({ method, url, headers }) => log('to', method, url, headers.Authorization),
      onResponse: ({ status, durationMs }) => log('from', status, `${durationMs} ms`),
      onError: ({ error, attempt }) => log('failed', error.message, attempt),
      onRetry: ({ attempt, delayMs, nextAttempt }) => log('again', attempt, delayMs, nextAttempt),
    },
  });
}

/** Hooks as a class or a logger of theirs brings them along. */
export const hooks: RequestHooks = {
  onRequest: async (info: RequestInfo): Promise<void> => console.log(info.attempt, info.headers),
  onResponse: (info: ResponseInfo) => console.log(info.status, info.durationMs, info.method),
  onError: (info: ErrorInfo) => console.log(info.error.message, info.status, info.durationMs),
  onRetry: (info: RetryInfo) => console.log(info.delayMs, info.nextAttempt, info.error?.message, info.status),
};

const once: RetryPolicy = { ...DEFAULT_RETRY_POLICY, maxRetries: 1 };
const RETRIES: RetryOption[] = ['auto', 'never', once];

export async function raw(fetch: typeof globalThis.fetch): Promise<string | null> {
  const options: HttpTransportOptions = {
    baseUrl: 'https://api.agentchat.me',
    apiKey: 'ac_live_key',
    timeoutMs: 0,
    retry: once,
    hooks,
    fetch,
    defaultHeaders: { 'x-team': 'harvest' },
    userAgent: `harvester/${VERSION}`,
  };
  const http = new HttpTransport(options);
  const anonymous = new HttpTransport({ baseUrl: options.baseUrl, userAgent: null });
  const head: HttpMethod = 'HEAD';
  await anonymous.request(head, '/v1/health', { expectNoBody: true });
  const { data, status, headers, requestId }: HttpResponse<{ handle: string }> = await http.request<{
    handle: string;
  }>('GET', '/v1/agents/me');
  console.log(data.handle, status, headers.get('date'));
  const perCall: HttpRequestOptions = {
    body: new Uint8Array([1]),
    rawBody: true,
    headers: { 'Content-Type': 'image/png' },
    signal: AbortSignal.timeout(1_000),
    idempotencyKey: 'picture-1',
    timeoutMs: 5_000,
    followRedirect: false,
  };
  for (const retry of RETRIES)
    await http.request('PUT', '/v1/agents/harvester/avatar', { ...perCall, retry });
  return requestId;
}
