import type { IncomingMessage } from 'node:http';

/** Why a request is turned away before anything is read of it. */
export type OriginRefusal = 'host' | 'origin';

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Whether a request may be served at all.
 *
 * Any page in a browser on this machine can send requests to 127.0.0.1. A page from elsewhere carries its own
 * `Origin`, and one that had its name resolved to 127.0.0.1 carries that name as `Host`; both are refused. Programs
 * send no `Origin`, and pages of a local development server have a loopback one.
 */
export function refusalOf(request: IncomingMessage, port: number): OriginRefusal | undefined {
  if (!isOurHost(request.headers.host, port)) return 'host';
  const { origin } = request.headers;
  return origin === undefined || isLoopbackOrigin(origin) ? undefined : 'origin';
}

function isOurHost(host: string | undefined, port: number): boolean {
  if (host === undefined) return false;
  const colon = host.lastIndexOf(':');
  if (colon < 0 || host.endsWith(']')) return port === 80 && LOOPBACK_NAMES.has(host.toLowerCase());
  return LOOPBACK_NAMES.has(host.slice(0, colon).toLowerCase()) && host.slice(colon + 1) === String(port);
}

function isLoopbackOrigin(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return (protocol === 'http:' || protocol === 'https:') && LOOPBACK_NAMES.has(hostname);
}

/** What a browser wants to hear before it shows an answer to a page of a loopback origin. */
export function crossOriginHeaders(origin: string | undefined): Record<string, string> {
  if (origin === undefined) return {};
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers':
      'x-request-id, retry-after, x-backlog-warning, idempotent-replay, location',
    vary: 'origin',
  };
}

/** The further headers of a preflight's answer. */
export const PREFLIGHT_HEADERS: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
  'access-control-allow-headers':
    'authorization, content-type, idempotency-key, x-agentchat-client, x-agentchat-client-version, x-request-id',
  'access-control-max-age': '600',
};
