/** What is known of a reason that a platform gave: its code (or nothing) and its words. */
interface Reason {
  readonly code: string;
  readonly text: string;
}

/** Why a server could not be reached: our words for it, and what to do. */
export interface Diagnosis {
  /** In place of the platform's own words, where those help nobody. */
  readonly words?: string;
  readonly advice: string;
}

interface KnownReason extends Diagnosis {
  readonly is: (reason: Reason, url: string) => boolean;
}

const NO_TLS =
  /wrong version number|packet length too long|unknown protocol|record layer failure|Does the server speak TLS/i;
const CERTIFICATE = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(VERIFY|GET)_|ERR_TLS_CERT_)/;
/** An address that is spoken to without TLS, by HTTP or as a socket. */
const PLAIN = /^(?:http|ws):/i;

/** What Deno says in words alone, and what others have codes for. */
const IN_WORDS: readonly (readonly [RegExp, string])[] = [
  [/\bConnection refused \(os error \d+\)/, 'ECONNREFUSED'],
  [/\bdns error: /, 'ENOTFOUND'],
  [/\binvalid peer certificate: /, 'CERT_INVALID'],
  [/\breceived corrupt message of type InvalidContentType/, 'ERR_SSL_WRONG_VERSION_NUMBER'],
  [/\binvalid HTTP version parsed/, 'HPE_INVALID_VERSION'],
];
/** What browsers say of every failure, lest a page learn what it must not know. */
const BROWSER_WORDS = /^(?:Failed to fetch|Load failed|NetworkError when attempting to fetch resource\.?)$/;

const KNOWN: readonly KnownReason[] = [
  {
    is: speaksNoTls,
    words: 'the server does not speak TLS',
    advice:
      '`baseUrl` begins with https:// (or wss://): if the server is meant to be a plain one, write http:// instead',
  },
  {
    is: ({ code, text }, url) =>
      PLAIN.test(url) &&
      ((code === 'ECONNRESET' && text === 'socket hang up') ||
        (code === 'UND_ERR_SOCKET' && text === 'other side closed') ||
        text.includes('(SendRequest): connection closed before message completed')),
    words: 'the server hung up without an answer',
    advice: '`baseUrl` begins with http:// (or ws://): if the server expects TLS, write https:// instead',
  },
  {
    is: isBlockedPort,
    words: 'fetch does not talk to this port',
    advice:
      'it refuses ports that other protocols use, such as 1, 22 or 6000: choose another one in `baseUrl`',
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
  {
    is: ({ code, text }) => code === '' && BROWSER_WORDS.test(text),
    words: 'a browser does not say why',
    advice:
      'the network may be down, or the server does not let this page ask it (CORS): the console of the browser tells. What a page ' +
      'must not ask for, ask on a server of your own',
  },
];

/** How many causes deep is looked. */
const DEEPEST = 5;

/** What a failure to reach a server comes down to; `undefined` when no more is known than the platform's words. Total. */
export function diagnose(cause: unknown, url: string): Diagnosis | undefined {
  for (const reason of reasonsOf(cause)) {
    const known = KNOWN.find(({ is }) => is(reason, url));
    if (known !== undefined) return known;
  }
  return undefined;
}

/** Whether the other side answered a TLS handshake in something else: then no request was sent. Total. */
export function answersWithoutTls(cause: unknown): boolean {
  return reasonsOf(cause).some(speaksNoTls);
}

/** Whether `fetch` refused the port, which it will always do: then no request was sent. Total. */
export function asksForBlockedPort(cause: unknown): boolean {
  return reasonsOf(cause).some(isBlockedPort);
}

function isBlockedPort({ code, text }: Reason): boolean {
  return code === '' && (text === 'bad port' || /^Fetch failed: Requests to port \d+ are blocked/.test(text));
}

function speaksNoTls({ code, text }: Reason): boolean {
  return (
    (code === 'EPROTO' || code.startsWith('ERR_SSL_')) && NO_TLS.test(`${text} ${code.replaceAll('_', ' ')}`)
  );
}

function codeIn(text: string): string {
  return IN_WORDS.find(([words]) => words.test(text))?.[1] ?? '';
}

/** The reasons in a failure and its causes, outermost first. Read guarded: anything can be thrown. */
function reasonsOf(cause: unknown): Reason[] {
  const found: Reason[] = [];
  try {
    for (let at = cause, depth = 0; typeof at === 'object' && at !== null && depth < DEEPEST; depth++) {
      const { code, message, errors, cause: inner } = at as Readonly<Record<string, unknown>>;
      const text = typeof message === 'string' ? message : '';
      found.push({ code: typeof code === 'string' ? code : codeIn(text), text });
      // Several addresses of one host were tried: the first speaks for all.
      at = inner ?? (Array.isArray(errors) ? errors[0] : undefined);
    }
  } catch {
    // Then what has been found has to do.
  }
  return found;
}
