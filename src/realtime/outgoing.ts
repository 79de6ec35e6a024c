import { ValidationError } from '../errors/index.js';
import { invalid } from '../http/index.js';
import type { ClientFrame, WsMessage } from '../wire/index.js';

/** A frame of the user's as it goes out. @throws ValidationError for what is no frame, or none that the service takes. */
export function textOf(frame: WsMessage | ClientFrame): string {
  if (typeof frame !== 'object' || frame === null || typeof frame.type !== 'string') {
    throw invalid('frame', 'send() needs a frame: { type, payload }');
  }
  if (frame.type === 'message.send') {
    throw new ValidationError({
      message: 'The service takes no messages over the socket: use AgentChatClient.sendMessage().',
      field: 'type',
    });
  }
  try {
    return JSON.stringify(frame);
  } catch {
    throw invalid(
      'frame',
      'send() needs a frame that can be written as JSON: it is circular, or holds a BigInt',
    );
  }
}
