import { AttachmentMethods } from './attachments.js';

/** Where events are delivered to. */
export abstract class WebhookMethods extends AttachmentMethods {}
