import type { WsMessage } from '../wire/index.js';
import type { DisconnectInfo, SocketEnd } from './connection/session.js';
import type { SequenceGapInfo } from './events.js';

/**
 * The official SDK's type of an event handler: any frame, told apart by its `type`. `on()` takes it for every event; a handler
 * that is written in place, or typed `EventHandler<'message.new'>`, knows the fields of its event as well.
 */
export type MessageHandler = (message: WsMessage) => void | Promise<void>;

/** Told of each `hello.ok`. */
export type ConnectHandler = () => void;

/** Told of each socket that ends. What the official SDK does not tell is optional here: `onDisconnect` always tells all of it. */
export type DisconnectHandler = (info: SocketEnd & Partial<DisconnectInfo>) => void;

/** Told of what went wrong. Errors of this package say more: ask with `instanceof`, or the guards. */
export type ErrorHandler = (error: Error) => void;

/** Told of each gap that did not close by itself. The option `onSequenceGap` is always told what is `missing`, too. */
export type SequenceGapHandler = (gap: Omit<SequenceGapInfo, 'missing'> & Partial<SequenceGapInfo>) => void;
