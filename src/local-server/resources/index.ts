import { getAgent, getMe } from './agents.js';
import { listConversations } from './conversations.js';
import { getMessages, markAsRead, sendMessage } from './messages.js';
import { listMutes } from './mutes.js';
import { register, verify } from './register.js';
import type { Resources } from './resource.js';
import { sync, syncAck } from './sync.js';
import { createWebhook, deleteWebhook, getWebhook, listWebhooks } from './webhooks.js';

/** Everything that the server can do so far. */
export const resources: Resources = {
  register,
  verify,
  getMe,
  getAgent,
  sendMessage,
  getMessages,
  markAsRead,
  sync,
  syncAck,
  listConversations,
  listMutes,
  createWebhook,
  listWebhooks,
  getWebhook,
  deleteWebhook,
};
