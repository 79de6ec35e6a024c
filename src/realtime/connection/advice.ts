import type { Ending } from './endings.js';

/** What is known of a reason that a platform gave: its code and its words. */
interface Reason {
  readonly code: string;
  readonly text: string;
}

/** Why a socket could not be opened: how to recognise it, our words for it, and what to do. */
interface Diagnosis {
  readonly is: (reason: Reason, url: string) => boolean;
  /** In place of the platform's own words, where those help nobody. */
  readonly words?: string;
  readonly advice: string;
}

const NO_TLS = /wrong version number|packet length too long|unknown protocol|record layer failure/i;
const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET)_|ERR_TLS_CERT_)/;

const DIAGNOSES: readonly Diagnosis[] = [
  {
    is: ({ code, text }) => (code === 'EPROTO' || code.startsWith('ERR_SSL_')) && NO_TLS.test(text),
    words: 'the server does not speak TLS',
    advice:
      '`baseUrl` begins with https:// (or wss://): if the server is meant to be a plain one, write http:// instead',
  },
  {
    is: ({ code, text }, url) =>
      code === 'ECONNRESET' && text === 'socket hang up' && url.startsWith('ws://'),
    words: 'the server hung up without an answer',
    advice: '`baseUrl` begins with http:// (or ws://): if the server expects TLS, write https:// instead',
  },
  {
    is: ({ code }) => CERTIFICATE.test(code),
    advice:
      'its certificate is not trusted: check the host name in `baseUrl`, or let Node know the authority with NODE_EXTRA_CA_CERTS',
  },
  {
    is: ({ code }) => code.startsWith('HPE_'),
    words: 'what listens there does not speak HTTP',
    advice: 'check the host and the port in `baseUrl`',
  },
  {
    is: ({ code }) => code === 'ENOTFOUND' || code === 'EAI_AGAIN',
    advice: 'the host name could not be resolved: check `baseUrl` and the network',
  },
  {
    is: ({ code }) => code === 'ECONNREFUSED',
    advice: 'nothing listens there: check the host and the port in `baseUrl`, and that the server runs',
  },
];

/** What to do about an attempt that ended so; `null` when nothing better is known than to try again. Total. */
export function adviceFor(ending: Ending, url: string): string | null {
  if (ending.kind === 'http') return adviceForStatus(ending.status);
  return 'cause' in ending ? (diagnose(ending.cause, url)?.advice ?? null) : null;
}

/** Our words for a reason whose own help nobody; `null` when the platform's are good. */
export function wordsFor(cause: unknown, url: string): string | null {
  return diagnose(cause, url)?.words ?? null;
}

function diagnose(cause: unknown, url: string): Diagnosis | undefined {
  const reason = reasonOf(cause);
  return reason === null ? undefined : DIAGNOSES.find(({ is }) => is(reason, url));
}

/** Reads it guarded: anything can be thrown. */
function reasonOf(cause: unknown): Reason | null {
  try {
    if (typeof cause !== 'object' || cause === null) return null;
    const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
    return typeof code === 'string' ? { code, text: typeof message === 'string' ? message : '' } : null;
  } catch {
    return null;
  }
}

function adviceForStatus(status: number): string | null {
  if (status >= 300 && status < 400) {
    return 'it redirects, and redirects are not followed: set `baseUrl` to where it leads';
  }
  if (status < 300 || [400, 404, 405, 426].includes(status)) {
    return 'there is no AgentChat WebSocket at this address: check `baseUrl`, and that a proxy in between passes upgrades on';
  }
  return null;
}
