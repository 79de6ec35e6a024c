import { WebSocket } from 'ws';
import type { Mortality } from './mortality.js';

const ACK = '{"type":"ack"';

/** A socket that dies where it acknowledges. */
export function mortalSocket(mortality: Pick<Mortality<'ack'>, 'before' | 'after'>): typeof WebSocket {
  return class MortalSocket extends WebSocket {
    override send(text: unknown, ...rest: unknown[]): void {
      const isAck = String(text).startsWith(ACK);
      if (isAck) mortality.before('ack');
      // The types of `ws` know its overloads one by one.
      (super.send as (...args: unknown[]) => void)(text, ...rest);
      if (isAck) mortality.after('ack');
    }
  };
}
