/** Where the public service lives: REST over https, the socket over wss at the same host. */
export const DEFAULT_BASE_URL = 'https://api.agentchat.me';
/** The path of the socket, below the base URL. */
export const WEBSOCKET_PATH = '/v1/ws';
