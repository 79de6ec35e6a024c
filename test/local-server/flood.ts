import { connect } from 'node:net';
import type { Caller } from './kit.js';

/** Requests that are on their way at once. */
const WINDOW = 32;

/**
 * Sends many messages over one connection with pipelined requests, which is several times as fast as `fetch`. Rejects
 * when one of them is answered by anything but 201.
 */
export function flood(sender: Caller, to: string, count: number, name = 'flood'): Promise<void> {
  const { port } = new URL(sender.server.url);
  const request = (number: number): string => {
    const body = JSON.stringify({
      to,
      client_msg_id: `${name}-${number}`,
      content: { text: `message ${number}` },
    });
    const head = [
      'POST /v1/messages HTTP/1.1',
      `host: 127.0.0.1:${port}`,
      `authorization: Bearer ${sender.apiKey}`,
      `content-length: ${body.length}`,
    ];
    return `${head.join('\r\n')}\r\n\r\n${body}`;
  };
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1');
    let asked = 0;
    let answered = 0;
    let seen = '';
    const takeAnswer = (): string | undefined => {
      const bodyAt = seen.indexOf('\r\n\r\n') + 4;
      const length = Number(/content-length: (\d+)/i.exec(seen)?.[1]);
      if (bodyAt < 4 || seen.length < bodyAt + length) return undefined;
      const status = seen.slice(9, 12);
      seen = seen.slice(bodyAt + length);
      return status;
    };
    const ask = (upTo: number) => {
      let text = '';
      for (; asked < Math.min(count, upTo); asked += 1) text += request(asked + 1);
      if (text !== '') socket.write(text);
    };
    socket.on('data', (chunk) => {
      seen += chunk.toString('latin1');
      for (let status = takeAnswer(); status !== undefined; status = takeAnswer()) {
        answered += 1;
        if (status !== '201') reject(new Error(`answer ${answered} was ${status}`));
      }
      if (answered === count) {
        socket.destroy();
        resolve();
      } else ask(answered + WINDOW);
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`closed after ${answered} of ${count} answers`)));
    ask(WINDOW);
  });
}
