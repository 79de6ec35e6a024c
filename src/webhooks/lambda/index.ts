import type { WebhookReceiverOptions } from '../receiver/options.js';
import { WebhookReceiver } from '../receiver/receiver.js';
import { SIGNATURE_HEADER } from '../signature.js';
import { utf8 } from '../web-hmac.js';

export type { WebhookContext, WebhookHandler, WebhookReceiverOptions } from '../receiver/options.js';

/** As much as is needed of what API Gateway (REST and HTTP), a function URL and a load balancer hand over. */
export interface LambdaEvent {
  readonly httpMethod?: string | undefined;
  /** Where HTTP APIs and function URLs say the method: `http.method`. */
  readonly requestContext?: unknown;
  readonly headers?: Readonly<Record<string, string | undefined>> | null | undefined;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[] | undefined>> | null | undefined;
  readonly body?: string | null | undefined;
  readonly isBase64Encoded?: boolean | undefined;
}

export interface LambdaResult {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** A Lambda stops when it has answered, so it always answers when the event is handled. */
export type LambdaReceiverOptions = Omit<WebhookReceiverOptions, 'respond'>;

/**
 * An AWS Lambda handler that receives webhooks. It answers when the event is handled, and 500 when that failed, so that
 * the service sends it again.
 *
 * @throws ValidationError or WebhookVerificationError that names the option which cannot be.
 *
 * @example
 * export const handler = lambdaReceiver({ secret, onEvent: (hook) => console.log(hook.event) });
 */
export function lambdaReceiver(
  options: LambdaReceiverOptions,
): (event: LambdaEvent) => Promise<LambdaResult> {
  const receiver = new WebhookReceiver({ ...options, respond: 'when-handled' }, { stopsWithAnswer: true });
  return async (event) => {
    const { answer, afterwards } = await receiver.receive({
      method: methodOf(event),
      contentType: header(event, 'content-type')?.[0],
      contentEncoding: header(event, 'content-encoding')?.[0],
      signature: header(event, SIGNATURE_HEADER),
      readBody: async (most) => bodyOf(event, most),
    });
    await afterwards?.();
    return { statusCode: answer.status, headers: { ...answer.headers }, body: answer.body };
  };
}

function methodOf({ httpMethod, requestContext }: LambdaEvent): string | undefined {
  const { http } = (requestContext ?? {}) as { http?: { method?: string } };
  return httpMethod ?? http?.method;
}

/** Gateways differ in the case of names, and in whether they give each value by itself. */
function header(event: LambdaEvent, wanted: string): readonly string[] | undefined {
  for (const [name, values] of Object.entries(event.multiValueHeaders ?? {})) {
    if (name.toLowerCase() === wanted && values !== undefined && values.length > 0) return values;
  }
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (name.toLowerCase() === wanted && value !== undefined) return [value];
  }
  return undefined;
}

function bodyOf({ body, isBase64Encoded }: LambdaEvent, mostBytes: number): Uint8Array | string | null {
  const text = body ?? '';
  if (isBase64Encoded !== true) return utf8(text).length > mostBytes ? null : text;
  if (text.length > Math.ceil(mostBytes / 3) * 4) return null;
  const binary = atob(text);
  return binary.length > mostBytes ? null : Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
