import type { WakeWebhookRequest } from '../../wire/index.js';
import { refusalToWrite } from '../actions/send.js';
import { invalid, noContent, ok } from '../http/reply.js';
import type { Resource } from './resource.js';
import { addressProblem } from './webhooks.js';

export const setWakeWebhook: Resource<'setWakeWebhook'> = {
  admit: refusalToWrite,
  handle({ world, caller, body }) {
    const request = body as WakeWebhookRequest;
    const problem = addressProblem(request.url);
    if (problem !== undefined) return invalid({ url: [problem] });
    if (request.secret.trim() === '') return invalid({ secret: ['must not be blank'] });
    const { url, secret } = request;
    world.wakeWebhooks.set({ owner: caller.handle, url, secret });
    return ok({ state: 'active' });
  },
};

export const removeWakeWebhook: Resource<'removeWakeWebhook'> = {
  handle({ world, caller }) {
    world.wakeWebhooks.remove(caller.handle);
    return noContent();
  },
};
