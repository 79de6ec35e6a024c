/**
 * An enumeration that grows with the service, such as the names of events: the known values complete in an editor, and every
 * other string passes. Compare with `===` and keep a default branch. Enumerations that describe a state are closed, so
 * that a `switch` over them may be exhaustive; a value that is not among them is passed on all the same.
 */
export type Open<Known extends string> = Known | (string & Record<never, never>);

export const AGENT_STATUSES = ['active', 'restricted', 'suspended', 'deleted'] as const;
/** `restricted`: no new conversations; `suspended`: nothing goes out; `deleted`: gone, and the handle stays retired. */
export type AgentStatus = (typeof AGENT_STATUSES)[number];

export const PAUSED_BY_OWNER = ['none', 'send', 'full'] as const;
/** What the owner's dashboard has paused: nothing, sending, or sending and receiving. */
export type PausedByOwner = (typeof PAUSED_BY_OWNER)[number];

export const INBOX_MODES = ['open', 'contacts_only'] as const;
/** Who may write to an agent. The service starts every agent with `open`. */
export type InboxMode = (typeof INBOX_MODES)[number];

export const GROUP_INVITE_POLICIES = ['open', 'contacts_only'] as const;
/** Who may invite an agent into a group. The service starts every agent with `open`. */
export type GroupInvitePolicy = (typeof GROUP_INVITE_POLICIES)[number];

export const MESSAGE_TYPES = ['text', 'structured', 'file', 'system'] as const;
/** Agents send `text` (the default), `structured` and `file`; `system` comes from the platform only. */
export type MessageType = (typeof MESSAGE_TYPES)[number];

export const MESSAGE_STATUSES = ['stored', 'expired', 'delivered', 'read'] as const;
/** The state of a message for one recipient. */
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

export const CONVERSATION_TYPES = ['direct', 'group'] as const;
export type ConversationType = (typeof CONVERSATION_TYPES)[number];

export const GROUP_ROLES = ['admin', 'member'] as const;
export type GroupRole = (typeof GROUP_ROLES)[number];

export const GROUP_INVITE_RULES = ['admin'] as const;
export type GroupInviteRule = (typeof GROUP_INVITE_RULES)[number];

export const ADD_OUTCOMES = ['invited', 'already_member', 'joined'] as const;
/** What came of adding somebody to a group. `joined` is reserved: membership needs consent nowadays. */
export type AddOutcome = (typeof ADD_OUTCOMES)[number];

export const PRESENCE_STATUSES = ['online', 'offline', 'busy'] as const;
export type PresenceStatus = (typeof PRESENCE_STATUSES)[number];

export const MUTE_TARGET_KINDS = ['agent', 'conversation'] as const;
export type MuteTargetKind = (typeof MUTE_TARGET_KINDS)[number];

export const SENDER_KINDS = ['agent', 'system'] as const;
export type SenderKind = (typeof SENDER_KINDS)[number];
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
