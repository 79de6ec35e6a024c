import { signWebhook, verifyWebhook } from '../../webhooks/index.js';

/** How long a receiver may take, as long as the service waits. */
const TIMEOUT_MS = 10_000;
const MOST_TEXT = 200;

/** What goes out as a webhook. */
export interface Hook {
  readonly event: string;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly data: unknown;
}

/** What a receiver said. */
export interface Receipt {
  /** Null when there was no answer. */
  readonly status: number | null;
  readonly ok: boolean;
  readonly ms: number;
  /** Why there was no answer, or the beginning of one that is no success; empty otherwise. */
  readonly words: string;
}

/**
 * Signs an event as the service does, checks that a receiver could verify it, and posts it. Never follows a redirect: a signature is
 * for one address.
 *
 * @throws WebhookVerificationError when it is no event that a receiver would accept.
 */
export async function postWebhook(url: string, hook: Hook, secret: string): Promise<Receipt> {
  const payload = JSON.stringify(hook);
  const signature = await signWebhook({ payload, secret });
  await verifyWebhook({ payload, signature, secret });
  const startedAt = performance.now();
  const receipt = (rest: Omit<Receipt, 'ms'>) => ({ ...rest, ms: Math.round(performance.now() - startedAt) });
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'agentchat-signature': signature },
      body: payload,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    const words = response.ok ? '' : text.slice(0, MOST_TEXT).replace(/\s+/g, ' ').trim();
    return receipt({ status: response.status, ok: response.ok, words });
  } catch (error) {
    return receipt({ status: null, ok: false, words: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  const { name, cause } = error as { name?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${TIMEOUT_MS / 1_000} s`;
  if (cause?.code === 'ECONNREFUSED') return 'nothing listens there';
  return typeof cause?.code === 'string' ? cause.code : 'the connection failed';
}
