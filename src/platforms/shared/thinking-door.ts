// What the door of every platform that thinks for a bot shows besides its own.
export type { ConversationStore } from './conversation-store.js';
export * from './door.js';
export type { EventStream } from './event-stream.js';
export type { PlatformThinker, ThinkingTurn } from './thinker.js';
