import { signWebhookSync } from '../../webhooks/index.js';

/** What came of a request to a receiver. */
export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'unanswered'; readonly error: string };

/**
 * Posts a signed event. Redirects are not followed: they would carry the event, and prove its signature, to somebody
 * else. The answer's body is not read. Never rejects.
 *
 * @param signal Its reason is what is said of a request that it ended.
 */
export async function postSigned(
  url: string,
  body: string,
  secrets: readonly string[],
  timestamp: number,
  signal: AbortSignal,
): Promise<PostOutcome> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'agentchat-local-server',
        'agentchat-signature': signWebhookSync({ payload: body, secret: secrets, timestamp }),
      },
    });
    await response.body?.cancel();
    return { kind: 'answered', status: response.status };
  } catch (error) {
    return { kind: 'unanswered', error: reasonOf(error, signal) };
  }
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return String(signal.reason);
  const { code } = ((error as Error | undefined)?.cause ?? {}) as { code?: unknown };
  if (code === 'ECONNREFUSED') return 'refused';
  return typeof code === 'string' ? code : 'failed';
}
