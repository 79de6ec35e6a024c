import {
  type CreateWebhookRequest,
  ErrorCode,
  WEBHOOK_EVENTS,
  type WebhookConfig,
} from '../../wire/index.js';
import { refusalToWrite } from '../actions/send.js';
import { failure, invalid, noContent, ok, type Reply } from '../http/reply.js';
import type { WebhookRecord } from '../state/webhooks.js';
import type { AgentCall, Resource } from './resource.js';

/** More would be somebody's mistake. */
const MOST_WEBHOOKS = 100;

export const createWebhook: Resource<'createWebhook'> = {
  admit: refusalToWrite,
  handle({ world, caller, body }) {
    const { url, events, secret } = body as CreateWebhookRequest;
    const problem = addressProblem(url);
    if (problem !== undefined) return invalid({ url: [problem] });
    const unknown = events.filter((event) => !(WEBHOOK_EVENTS as readonly string[]).includes(event));
    if (unknown.length > 0) {
      return invalid({
        events: [`there is no ${unknown.join(', ')}: there are ${WEBHOOK_EVENTS.join(', ')}`],
      });
    }
    if (secret?.trim() === '') return invalid({ secret: ['must not be blank'] });
    if (world.webhooks.all(caller.handle).length >= MOST_WEBHOOKS) {
      return invalid({ url: [`${MOST_WEBHOOKS} webhooks are enough: delete one first`] });
    }
    const webhook = world.webhooks.create({ owner: caller.handle, url, events, secret }, world.timestamp());
    // The only time that the secret is shown, and only if it is ours.
    const issued = secret === undefined ? { secret: webhook.secrets[0] } : {};
    return { status: 201, body: { ...webhookView(webhook), ...issued } };
  },
};

export const listWebhooks: Resource<'listWebhooks'> = {
  handle: ({ world, caller }) => ok({ webhooks: world.webhooks.all(caller.handle).map(webhookView) }),
};

export const getWebhook: Resource<'getWebhook'> = {
  handle(call) {
    const webhook = ownWebhook(call);
    return webhook === undefined ? webhookNotFound() : ok(webhookView(webhook));
  },
};

export const deleteWebhook: Resource<'deleteWebhook'> = {
  handle(call) {
    const webhook = ownWebhook(call);
    if (webhook === undefined) return webhookNotFound();
    call.world.webhooks.remove(webhook);
    return noContent();
  },
};

/** The schema has seen to the scheme. */
export function addressProblem(url: string): string | undefined {
  if (!URL.canParse(url)) return 'is no address';
  const { username, password } = new URL(url);
  return username === '' && password === '' ? undefined : 'must not hold a name or a password';
}

function ownWebhook({ world, caller, params }: AgentCall): WebhookRecord | undefined {
  const webhook = world.webhooks.byId(params.webhook_id ?? '');
  return webhook?.owner === caller.handle ? webhook : undefined;
}

function webhookNotFound(): Reply {
  return failure(404, ErrorCode.NOT_FOUND, 'You have no such webhook.');
}

function webhookView({ id, url, events, active, createdAt }: WebhookRecord): WebhookConfig {
  return { id, url, events: [...events], active, created_at: createdAt };
}
