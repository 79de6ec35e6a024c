import type { WebhookVerificationError } from '../../errors/index.js';

/** What is answered, in terms of no framework. The body is always JSON. */
export interface ReceiverAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Seconds after which the service may try again. */
const RETRY_AFTER = '5';

export const ACCEPTED = answer(200, { received: true });
export const DUPLICATE = answer(200, { received: true, duplicate: true });
export const METHOD_NOT_ALLOWED = refusal(405, 'METHOD_NOT_ALLOWED', 'Webhooks are sent with POST.', {
  allow: 'POST',
});
export const UNSUPPORTED_TYPE = refusal(
  415,
  'UNSUPPORTED_MEDIA_TYPE',
  'Webhooks are JSON (application/json).',
);
export const UNSUPPORTED_ENCODING = refusal(
  415,
  'UNSUPPORTED_ENCODING',
  'Signatures are over the bytes as they were sent: webhooks are not compressed.',
);
export const TOO_LARGE = refusal(413, 'PAYLOAD_TOO_LARGE', 'The body is longer than is accepted here.');
export const TOO_SLOW = refusal(408, 'BODY_TOO_SLOW', 'The body took too long.');
export const INCOMPLETE = refusal(400, 'INCOMPLETE_BODY', 'The body broke off.');
export const HANDLER_FAILED = refusal(
  500,
  'HANDLER_FAILED',
  'The event could not be handled. Send it again.',
);
export const MISCONFIGURED = refusal(500, 'RECEIVER_MISCONFIGURED', 'The receiver cannot verify webhooks.');
export const TRY_LATER = refusal(503, 'TRY_LATER', 'The event cannot be taken at present. Send it again.', {
  'retry-after': RETRY_AFTER,
});

/** A copy of what is in hand ends as the first does. */
export function forCopyOf(first: ReceiverAnswer): ReceiverAnswer {
  return first === ACCEPTED ? DUPLICATE : first;
}

export function notAuthentic({ code, reason }: WebhookVerificationError): ReceiverAnswer {
  return answer(400, { code, reason, message: `The webhook was not accepted: ${reason}.` });
}

function refusal(
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
): ReceiverAnswer {
  return answer(status, { code, message }, headers);
}

function answer(
  status: number,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): ReceiverAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
