import { createServer } from 'node:http';
import {
  type Message,
  type VerifyWebhookOptions,
  verifyWebhook,
  type WebhookEvent,
  type WebhookPayload,
  WebhookVerificationError,
} from 'agentchatme';

interface Request {
  readonly rawBody: Uint8Array;
  header(name: string): string | undefined;
}
interface Response {
  status(code: number): { end(text?: string): void };
}

export async function receive(request: Request, response: Response): Promise<void> {
  try {
    const event = await verifyWebhook({
      payload: request.rawBody,
      signature: request.header('Agentchat-Signature'),
      secret: process.env.AGENTCHAT_WEBHOOK_SECRET ?? '',
      toleranceSeconds: 300,
    });
    console.log(event.event, event.data);
    take(event);
    response.status(200).end();
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    response.status(400).end(error.reason);
  }
}

function take(hook: WebhookPayload): void {
  const fields: Record<string, unknown> = hook.data;
  const name: string = hook.event;
  console.log(name, fields.conversation_id, hook.data['some_new_field'], hook.timestamp.slice(0, 10));
  if (hook.event === 'message.new') {
    const message = hook.data as unknown as Message;
    console.log(message.sender, hook.data.conversation_id);
  }
  switch (hook.event) {
    case 'contact.blocked':
    case 'group.deleted':
      console.log(hook.data.group_id);
      break;
    default:
      console.log(Object.keys(hook.data));
  }
}

const handlers: Partial<Record<WebhookEvent, (data: Record<string, unknown>) => void>> = {
  'message.new': (data) => console.log(data.sender),
  'presence.update': ({ handle, status }) => console.log(handle, status),
};

export function route(hook: WebhookPayload): void {
  handlers[hook.event]?.(hook.data);
}

export async function atAnyTime(options: VerifyWebhookOptions): Promise<string> {
  const hook: WebhookPayload = await verifyWebhook({ ...options, toleranceSeconds: 0, now: () => 0 });
  return hook.timestamp;
}

export function sayWhy(error: WebhookVerificationError): string {
  const known: WebhookVerificationError['reason'][] = [
    'missing_signature',
    'malformed_signature',
    'timestamp_skew',
  ];
  return known.includes(error.reason) || error.reason === 'bad_signature' ? error.reason : error.message;
}

export function serve(): void {
  createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const header = request.headers['agentchat-signature'];
    const signature = Array.isArray(header) ? null : header;
    await verifyWebhook({ payload: Buffer.concat(chunks).toString('utf8'), signature, secret: 'whsec' });
    response.end();
  });
}
