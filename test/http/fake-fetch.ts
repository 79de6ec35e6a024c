/** One thing that a scripted fetch does with a request. */
export type Step = (request: { url: string; init: RequestInit }) => Response | Promise<Response>;

/** What a scripted fetch was asked for. */
export interface SeenRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

/** A `fetch` that plays a script, the last step for ever, and writes down what it was asked. */
export function scriptedFetch(...steps: Step[]): { fetch: typeof fetch; seen: SeenRequest[] } {
  const seen: SeenRequest[] = [];
  const play = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const step = steps[Math.min(seen.length, steps.length - 1)];
    seen.push({
      url: String(input),
      method: init.method ?? 'GET',
      headers: init.headers as Record<string, string>,
      body: init.body as string | undefined,
    });
    if (step === undefined) throw new Error('an empty script');
    return step({ url: String(input), init });
  };
  return { fetch: play as typeof fetch, seen };
}

/** Answers with JSON. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Step {
  return () =>
    new Response(status === 204 ? null : JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json', ...headers },
    });
}

/** Answers with an error of the service. */
export function refusal(
  status: number,
  code: string,
  headers: Record<string, string> = {},
  details?: Record<string, unknown>,
): Step {
  return json({ code, message: 'no', ...(details === undefined ? {} : { details }) }, status, headers);
}

/** Fails as Node's fetch does. */
export function networkFailure(code = 'ECONNRESET', extra: Record<string, unknown> = {}): Step {
  return () => {
    throw new TypeError('fetch failed', {
      cause: Object.assign(new Error(`read ${code}`), { code, ...extra }),
    });
  };
}

/** Never answers, but listens to its signal. */
export const silence: Step = ({ init }) =>
  new Promise((_, reject) => {
    init.signal?.addEventListener('abort', () => reject(init.signal?.reason));
  });

/** Never answers, whatever its signal says. */
export const deafSilence: Step = () => new Promise(() => {});
