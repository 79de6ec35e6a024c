export { Connection } from './connection.js';
export type { AttemptInsight, ConnectionInsight } from './insight.js';
export { watchPlatformNetwork } from './network.js';
export type { ConnectionOptions } from './options.js';
export type { ConnectionListener, ConnectionState, DisconnectInfo, Session } from './session.js';
export type {
  OpenSocket,
  Socket,
  SocketEnding,
  SocketEvents,
  WebSocketConstructor,
  WebSocketEventLike,
  WebSocketLike,
} from './socket.js';
export { socketUrl } from './url.js';
