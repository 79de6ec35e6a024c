import { expectTypeOf } from 'expect-type';
import type * as v from 'valibot';
import { describe, it } from 'vitest';
import type * as wire from '../../src/wire/index.js';

/** The keys of a type that are spelled out, without an index signature. */
type SpelledKeys<T> = keyof { [Key in keyof T as string extends Key ? never : Key]: T[Key] };

/**
 * A type without the index signatures that loose schemas have ("unknown fields are kept") and interfaces have not (a typo
 * must not compile). A record, which is nothing but an index signature, stays.
 */
type Known<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? Known<Item>[]
    : T extends object
      ? [SpelledKeys<T>] extends [never]
        ? { [Key in keyof T]: Known<Required<T>[Key]> }
        : { [Key in keyof T as string extends Key ? never : Key]: Known<Required<T>[Key]> }
      : T;

type Of<Name extends SchemaName> = Known<v.InferOutput<ReturnType<(typeof wire)[Name]>>>;
type SchemaName = {
  [Name in keyof typeof wire]: (typeof wire)[Name] extends wire.Schema ? Name : never;
}[keyof typeof wire];

/** Every schema beside the interface that is published for it. A schema that is missing here does not compile. */
interface Published {
  ackFrameSchema: wire.AckFrame;
  addContactRequestSchema: wire.AddContactRequest;
  addMemberRequestSchema: wire.AddMemberRequest;
  addMemberResultSchema: wire.AddMemberResult;
  agentConversationContextSchema: wire.AgentConversationContext;
  agentProfileSchema: wire.AgentProfile;
  agentSchema: wire.Agent;
  agentSettingsSchema: wire.AgentSettings;
  apiErrorSchema: wire.ApiError;
  avatarResponseSchema: wire.AvatarResponse;
  blockedAgentSchema: wire.BlockedAgent;
  claimReplyBatchRequestSchema: wire.ClaimReplyBatchRequest;
  claimReplyBatchResponseSchema: wire.ClaimReplyBatchResponse;
  claimReplyRequestSchema: wire.ClaimReplyRequest;
  claimReplyResponseSchema: wire.ClaimReplyResponse;
  clearReplyActiveRequestSchema: wire.ClearReplyActiveRequest;
  contactCheckResultSchema: wire.ContactCheckResult;
  contactEntrySchema: wire.ContactEntry;
  contactListResultSchema: wire.ContactListResult;
  contactSchema: wire.Contact;
  conversationListItemSchema: wire.ConversationListItem;
  conversationListSchema: wire.ConversationListItem[];
  conversationParticipantSchema: wire.ConversationParticipant;
  conversationSchema: wire.Conversation;
  createGroupRequestSchema: wire.CreateGroupRequest;
  createGroupResponseSchema: wire.CreateGroupResponse;
  createMuteRequestSchema: wire.CreateMuteRequest;
  createUploadRequestSchema: wire.CreateUploadRequest;
  createUploadResponseSchema: wire.CreateUploadResponse;
  createWebhookRequestSchema: wire.CreateWebhookRequest;
  deleteGroupResponseSchema: wire.DeleteGroupResponse;
  deletedGroupInfoSchema: wire.DeletedGroupInfo;
  directConversationLookupSchema: wire.DirectConversationLookup;
  directoryAgentSchema: wire.DirectoryAgent;
  directoryQuerySchema: wire.DirectoryQuery;
  directoryResultSchema: wire.DirectoryResult;
  groupDetailSchema: wire.GroupDetail;
  groupInvitationListSchema: wire.GroupInvitation[];
  groupInvitationSchema: wire.GroupInvitation;
  groupMemberSchema: wire.GroupMember;
  groupSchema: wire.Group;
  groupSettingsSchema: wire.GroupSettings;
  groupSystemEventSchema: wire.GroupSystemEvent;
  helloFrameSchema: wire.HelloFrame;
  helloOkFrameSchema: wire.HelloOkFrame;
  historyQuerySchema: wire.HistoryQuery;
  leaveGroupResponseSchema: wire.LeaveGroupResponse;
  markAsReadResponseSchema: wire.MarkAsReadResponse;
  messageContentSchema: wire.MessageContent;
  messageContextSchema: wire.MessageContext;
  messageListSchema: wire.Message[];
  messageReadEventSchema: wire.MessageReadEvent;
  messageSchema: wire.Message;
  muteEntrySchema: wire.MuteEntry;
  muteListQuerySchema: wire.MuteListQuery;
  muteListResultSchema: wire.MuteListResult;
  newKeyResponseSchema: wire.NewKeyResponse;
  okResponseSchema: wire.OkResponse;
  pageQuerySchema: wire.PageQuery;
  participantListSchema: wire.ConversationParticipant[];
  presenceBatchRequestSchema: wire.PresenceBatchRequest;
  presenceBatchResponseSchema: wire.PresenceBatchResponse;
  presenceBroadcastSchema: wire.PresenceBroadcast;
  presenceFrameSchema: wire.PresenceFrame;
  presenceSchema: wire.Presence;
  presenceUpdateResponseSchema: wire.PresenceUpdateResponse;
  presenceUpdateSchema: wire.PresenceUpdate;
  rateLimitWarningSchema: wire.RateLimitWarning;
  readAckFrameSchema: wire.ReadAckFrame;
  recoverRequestSchema: wire.RecoverRequest;
  recoverResponseSchema: wire.RecoverResponse;
  registerRequestSchema: wire.RegisterRequest;
  registerResponseSchema: wire.RegisterResponse;
  registeredAgentSchema: wire.RegisteredAgent;
  replyActiveRequestSchema: wire.ReplyActiveRequest;
  replyActiveResponseSchema: wire.ReplyActiveResponse;
  reportRequestSchema: wire.ReportRequest;
  rotateKeyResponseSchema: wire.RotateKeyResponse;
  sendMessageRequestSchema: wire.SendMessageRequest;
  syncAckRequestSchema: wire.SyncAckRequest;
  syncAckResponseSchema: wire.SyncAckResponse;
  syncEnvelopeSchema: wire.SyncEnvelope;
  syncPageSchema: wire.SyncEnvelope[];
  syncQuerySchema: wire.SyncQuery;
  textResponseSchema: wire.TextResponse;
  typingEventSchema: wire.TypingEvent;
  typingFrameSchema: wire.TypingFrame;
  updateAgentRequestSchema: wire.UpdateAgentRequest;
  updateContactRequestSchema: wire.UpdateContactRequest;
  updateGroupRequestSchema: wire.UpdateGroupRequest;
  verifyRequestSchema: wire.VerifyRequest;
  verifyResponseSchema: wire.VerifyResponse;
  wakeWebhookRequestSchema: wire.WakeWebhookRequest;
  wakeWebhookResponseSchema: wire.WakeWebhookResponse;
  webhookConfigSchema: wire.WebhookConfig;
  webhookListResultSchema: wire.WebhookListResult;
  webhookPayloadSchema: wire.WebhookDelivery;
}

type Identical<Left, Right> =
  (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;

/** Identity does not tell an absent key from one that is `undefined`; assignability does. */
type Equal<Left, Right> =
  Identical<Left, Right> extends true
    ? [Left] extends [Right]
      ? [Right] extends [Left]
        ? true
        : false
      : false
    : false;

/** The names of the schemas that differ from their interfaces: the compiler prints them when there are any. */
type Different = {
  [Name in SchemaName]: Equal<Of<Name>, Known<Published[Name]>> extends true ? never : Name;
}[SchemaName];

describe('the schemas and the published interfaces', () => {
  it('are the same types, one by one', () => {
    expectTypeOf<keyof Published>().toEqualTypeOf<SchemaName>();
    expectTypeOf<Different>().toEqualTypeOf<never>();
  });

  it('are told apart when they differ', () => {
    expectTypeOf<Equal<Known<{ a: string }>, Known<{ a?: string }>>>().toEqualTypeOf<false>();
    expectTypeOf<Equal<Known<{ a?: string }>, Known<{ a?: string | undefined }>>>().toEqualTypeOf<false>();
    expectTypeOf<Equal<Known<{ a: { b: 1 }[] }>, Known<{ a: { b: 2 }[] }>>>().toEqualTypeOf<false>();
    expectTypeOf<Equal<Known<{ a: 1; [key: string]: unknown }>, Known<{ a: 1 }>>>().toEqualTypeOf<true>();
  });

  it('leave the names open that grow with the service, and close what describes a state', () => {
    expectTypeOf<string>().toExtend<wire.WebhookEvent>();
    expectTypeOf<string>().toExtend<wire.WsMessage['type']>();
    expectTypeOf<string>().toExtend<wire.ApiError['code']>();
    expectTypeOf<wire.AgentStatus>().toEqualTypeOf<'active' | 'restricted' | 'suspended' | 'deleted'>();
    expectTypeOf<wire.MessageType>().toEqualTypeOf<'text' | 'structured' | 'file' | 'system'>();
    expectTypeOf<wire.OkResponse>().toEqualTypeOf<{ ok: true }>();
  });

  it('know no index signature on what a user reads, so that a typo does not compile', () => {
    expectTypeOf<wire.Message>().not.toHaveProperty('sendr');
    expectTypeOf<string extends keyof wire.Message ? true : false>().toEqualTypeOf<false>();
  });

  it('type the payload of each event', () => {
    expectTypeOf<wire.ServerEventFrame<'message.new'>['payload']>().toEqualTypeOf<wire.Message>();
    expectTypeOf<wire.ServerEventFrame<'group.deleted'>['payload']>().toEqualTypeOf<wire.DeletedGroupInfo>();
    expectTypeOf<wire.ServerEvent>().toEqualTypeOf<keyof wire.ServerEventMap>();
  });
});

describe('the endpoint table', () => {
  it('has exactly the endpoints whose names are written out', () => {
    expectTypeOf<keyof typeof wire.endpoints>().toEqualTypeOf<wire.EndpointKey>();
  });

  it('asks for exactly the values that a path needs', () => {
    type Params<Key extends wire.EndpointKey> = wire.PathParams<(typeof wire.endpoints)[Key]>;
    expectTypeOf<Params<'getMe'>>().toEqualTypeOf<Record<never, never>>();
    expectTypeOf<Params<'getAgent'>>().toEqualTypeOf<{ readonly handle: string }>();
    expectTypeOf<Params<'promoteGroupMember'>>().toEqualTypeOf<{
      readonly group_id: string;
      readonly handle: string;
    }>();
  });
});
