import { WebSocket } from 'ws';
import type { WebSocketConstructor } from '../../realtime/index.js';

/** How an acknowledgement begins, as our client writes it. */
const ACK = '{"type":"ack",';

class MuteSocket extends WebSocket {
  constructor(url: string) {
    super(url, [], { perMessageDeflate: false, followRedirects: false });
  }

  override send(data: never, ...others: never[]): void {
    if (typeof data === 'string' && (data as string).startsWith(ACK)) return;
    (super.send as (...all: never[]) => void)(data, ...others);
  }
}

/** Sockets that keep acknowledgements to themselves: whoever only looks must not take messages from a bot. */
export const muteSockets = MuteSocket as unknown as WebSocketConstructor;
