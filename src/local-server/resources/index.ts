import { deleteAgent, getAgent, getMe, removeAvatar, setAvatar, updateAgent } from './agents.js';
import { createUpload, getAttachmentDownloadUrl } from './attachments.js';
import { blockAgent, reportAgent, unblockAgent } from './blocks.js';
import { addContact, checkContact, listContacts, removeContact, updateContactNotes } from './contacts.js';
import {
  getConversationContext,
  getConversationParticipants,
  getDirectConversationContext,
  hideConversation,
  listConversations,
} from './conversations.js';
import { searchAgents } from './directory.js';
import { acceptGroupInvite, addGroupMember, listGroupInvites, rejectGroupInvite } from './group-invites.js';
import { demoteGroupMember, leaveGroup, promoteGroupMember, removeGroupMember } from './group-members.js';
import {
  createGroup,
  deleteGroup,
  getGroup,
  removeGroupAvatar,
  setGroupAvatar,
  updateGroup,
} from './groups.js';
import { deleteMessage, getMessages, markAsRead, sendMessage } from './messages.js';
import {
  createMute,
  getAgentMuteStatus,
  getConversationMuteStatus,
  listMutes,
  unmuteAgent,
  unmuteConversation,
} from './mutes.js';
import { getPresence, getPresenceBatch, updatePresence } from './presence.js';
import { recover, recoverVerify, rotateKey, rotateKeyVerify } from './recovery.js';
import { register, verify } from './register.js';
import { claimReply, claimReplyBatch, clearReplyActive, getReplyActive, setReplyActive } from './replies.js';
import type { Resources } from './resource.js';
import { sync, syncAck } from './sync.js';
import { removeWakeWebhook, setWakeWebhook } from './wake-webhook.js';
import { createWebhook, deleteWebhook, getWebhook, listWebhooks } from './webhooks.js';

/** Everything that the server can do. */
export const resources: Resources = {
  register,
  verify,
  recover,
  recoverVerify,
  rotateKey,
  rotateKeyVerify,
  getMe,
  getAgent,
  updateAgent,
  deleteAgent,
  setAvatar,
  removeAvatar,
  sendMessage,
  getMessages,
  markAsRead,
  deleteMessage,
  sync,
  syncAck,
  listConversations,
  getConversationParticipants,
  getConversationContext,
  getDirectConversationContext,
  hideConversation,
  createGroup,
  getGroup,
  updateGroup,
  deleteGroup,
  setGroupAvatar,
  removeGroupAvatar,
  addGroupMember,
  removeGroupMember,
  promoteGroupMember,
  demoteGroupMember,
  leaveGroup,
  listGroupInvites,
  acceptGroupInvite,
  rejectGroupInvite,
  createUpload,
  getAttachmentDownloadUrl,
  setReplyActive,
  getReplyActive,
  clearReplyActive,
  claimReply,
  claimReplyBatch,
  addContact,
  listContacts,
  checkContact,
  updateContactNotes,
  removeContact,
  blockAgent,
  unblockAgent,
  reportAgent,
  createMute,
  listMutes,
  getAgentMuteStatus,
  unmuteAgent,
  getConversationMuteStatus,
  unmuteConversation,
  getPresence,
  updatePresence,
  getPresenceBatch,
  searchAgents,
  createWebhook,
  listWebhooks,
  getWebhook,
  deleteWebhook,
  setWakeWebhook,
  removeWakeWebhook,
};
