import { request as httpRequest } from 'node:http';
import { signWebhookSync } from '../../../../src/webhooks/index.js';

export const SECRET = 'whsec_receivers';
export const PATH = '/webhooks';

/** A request as a test describes it. */
export interface Outgoing {
  readonly method: string;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Sent in one piece, with its length. */
  readonly body: Uint8Array;
  /** Where the body is cut: it is then sent chunked, a piece per turn of the loop. */
  readonly cuts?: readonly number[] | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

let events = 0;

/** The body of a message that no other test knows. */
export function messageBody(text = 'hi'): string {
  events += 1;
  return JSON.stringify({
    event: 'message.new',
    timestamp: '2026-07-12T18:04:11.512Z',
    data: { id: `msg_${events}`, conversation_id: 'conv_1', sender: 'alice', content: { text } },
  });
}

export function signatureOf(body: string | Uint8Array, secondsAgo = 0, secret = SECRET): string {
  const timestamp = Math.floor(Date.now() / 1000) - secondsAgo;
  return signWebhookSync({ payload: body, secret, timestamp });
}

/** A genuine request, unless something is changed about it. */
export function signed(body: string | Uint8Array = messageBody(), changes: Partial<Outgoing> = {}): Outgoing {
  const { headers, ...others } = changes;
  return {
    method: 'POST',
    body: typeof body === 'string' ? bytes(body) : body,
    headers: {
      'content-type': 'application/json',
      'agentchat-signature': signatureOf(body),
      ...headers,
    },
    ...others,
  };
}

/** The same without some of its headers. */
export function without(outgoing: Outgoing, ...names: string[]): Outgoing {
  const headers = Object.entries(outgoing.headers).filter(([name]) => !names.includes(name));
  return { ...outgoing, headers: Object.fromEntries(headers) };
}

/** The pieces of a body. */
export function pieces({ body, cuts = [] }: Outgoing): Uint8Array[] {
  const ends = [...cuts, body.length];
  return ends.map((end, index) => body.subarray(index === 0 ? 0 : ends[index - 1], end));
}

/** Sends over a connection of its own, and reads the answer to its end. Rejects when there is none. */
export function sendOver(url: string, outgoing: Outgoing): Promise<Answer> {
  const { method, body, cuts } = outgoing;
  const headers = { ...outgoing.headers, ...(cuts === undefined ? { 'content-length': body.length } : {}) };
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const given = new Headers();
        for (const [name, value] of Object.entries(response.headers)) given.set(name, String(value));
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 0, headers: given, text });
        request.destroy();
      });
    });
    request.on('error', reject);
    const rest = pieces(outgoing);
    const sendNext = () => {
      const piece = rest.shift();
      if (piece === undefined) request.end();
      else request.write(piece, () => setImmediate(sendNext));
    };
    sendNext();
  });
}
