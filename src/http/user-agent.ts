import { VERSION } from '../version.js';

interface MaybeRuntimes {
  Deno?: { version?: { deno?: unknown } };
  Bun?: { version?: unknown };
  EdgeRuntime?: unknown;
  navigator?: { userAgent?: unknown };
  process?: { versions?: { node?: unknown } };
  document?: unknown;
  window?: unknown;
  WorkerGlobalScope?: unknown;
}

/**
 * Which runtime this is, as `name/version`; `browser` for a browser's page or worker, `unknown` when nothing tells.
 * Bun and Deno also carry Node's `process`, so they are asked first.
 */
export function detectRuntime(scope: object = globalThis): string {
  try {
    const { Bun, Deno, EdgeRuntime, navigator, process, document, window } = scope as MaybeRuntimes;
    if (typeof Bun?.version === 'string') return `bun/${Bun.version}`;
    if (typeof Deno?.version?.deno === 'string') return `deno/${Deno.version.deno}`;
    if (typeof EdgeRuntime === 'string') return `edge/${EdgeRuntime}`;
    if (navigator?.userAgent === 'Cloudflare-Workers') return 'edge/cloudflare-workers';
    if (typeof process?.versions?.node === 'string') return `node/${process.versions.node}`;
    if (window !== undefined || document !== undefined || navigator?.userAgent !== undefined)
      return 'browser';
  } catch {
    // A locked-down global object: then it is unknown.
  }
  return 'unknown';
}

/**
 * The `User-Agent` of this package, or `undefined` in a browser: there the header belongs to the browser, and setting it
 * would add a CORS preflight to each request.
 */
export function userAgent(runtime: string = detectRuntime()): string | undefined {
  return runtime === 'browser' ? undefined : `agentchat-client/${VERSION} ${runtime}`;
}
