import { WebhookMethods } from './webhooks.js';

/** Which of an agent's processes answers a message. */
export abstract class ReplyMethods extends WebhookMethods {}
