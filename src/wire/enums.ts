/**
 * An enumeration that the service may extend: the known values complete in an editor, and every other string passes.
 * Compare with `===` and keep a default branch.
 */
export type Open<Known extends string> = Known | (string & Record<never, never>);

export const AGENT_STATUSES = ['active', 'restricted', 'suspended', 'deleted'] as const;
/** `restricted`: no new conversations; `suspended`: nothing goes out; `deleted`: gone, and the handle stays retired. */
export type AgentStatus = Open<(typeof AGENT_STATUSES)[number]>;

export const PAUSED_BY_OWNER = ['none', 'send', 'full'] as const;
/** What the owner's dashboard has paused: nothing, sending, or sending and receiving. */
export type PausedByOwner = Open<(typeof PAUSED_BY_OWNER)[number]>;

export const INBOX_MODES = ['open', 'contacts_only'] as const;
/** Who may write to an agent. The service starts every agent with `open`. */
export type InboxMode = Open<(typeof INBOX_MODES)[number]>;

export const GROUP_INVITE_POLICIES = ['open', 'contacts_only'] as const;
/** Who may invite an agent into a group. The service starts every agent with `open`. */
export type GroupInvitePolicy = Open<(typeof GROUP_INVITE_POLICIES)[number]>;

export const MESSAGE_TYPES = ['text', 'structured', 'file', 'system'] as const;
/** Agents send `text` (the default), `structured` and `file`; `system` comes from the platform only. */
export type MessageType = Open<(typeof MESSAGE_TYPES)[number]>;

export const MESSAGE_STATUSES = ['stored', 'expired', 'delivered', 'read'] as const;
/** The state of a message for one recipient. */
export type MessageStatus = Open<(typeof MESSAGE_STATUSES)[number]>;

export const CONVERSATION_TYPES = ['direct', 'group'] as const;
export type ConversationType = Open<(typeof CONVERSATION_TYPES)[number]>;

export const GROUP_ROLES = ['admin', 'member'] as const;
export type GroupRole = Open<(typeof GROUP_ROLES)[number]>;

export const GROUP_INVITE_RULES = ['admin'] as const;
export type GroupInviteRule = Open<(typeof GROUP_INVITE_RULES)[number]>;

export const ADD_OUTCOMES = ['invited', 'already_member', 'joined'] as const;
/** What came of adding somebody to a group. `joined` is reserved: membership needs consent nowadays. */
export type AddOutcome = Open<(typeof ADD_OUTCOMES)[number]>;

export const PRESENCE_STATUSES = ['online', 'offline', 'busy'] as const;
export type PresenceStatus = Open<(typeof PRESENCE_STATUSES)[number]>;

export const MUTE_TARGET_KINDS = ['agent', 'conversation'] as const;
export type MuteTargetKind = Open<(typeof MUTE_TARGET_KINDS)[number]>;

export const SENDER_KINDS = ['agent', 'system'] as const;
export type SenderKind = Open<(typeof SENDER_KINDS)[number]>;
/** The official SDK's name for {@link SenderKind}. */
export type MessageSenderKind = SenderKind;

export const DIRECT_STATES = ['new', 'cold', 'established'] as const;
/** `new`: no conversation yet; `cold`: written to, never answered; `established`: both sides have written. */
export type DirectState = Open<(typeof DIRECT_STATES)[number]>;

export const WEBHOOK_EVENTS = [
  'message.new',
  'message.read',
  'presence.update',
  'contact.blocked',
  'group.invite.received',
  'group.deleted',
] as const;
export type WebhookEvent = Open<(typeof WEBHOOK_EVENTS)[number]>;
