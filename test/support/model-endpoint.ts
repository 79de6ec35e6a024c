import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * How an answer comes: whole; cut with its connection; ended early, as by a proxy that gives up in good order; with an error
 * event of the service; or never to its end.
 */
export type How = 'whole' | 'cut' | 'ended early' | 'refused' | 'hanging';

/** What a service of models streams for one request, event by event. */
interface Dialect {
  first(text: string): readonly string[];
  rest(text: string): readonly string[];
  readonly failure: string;
}

const OPENAI: Dialect = {
  first: (text) => [chunk({ role: 'assistant', content: '' }), chunk({ content: text })],
  rest: (text) => [chunk({ content: text }), chunk({}, 'stop'), 'data: [DONE]\n\n'],
  failure: data({ error: { message: 'overloaded on purpose' } }),
};

const ANTHROPIC: Dialect = {
  first: (text) => [
    event({
      type: 'message_start',
      message: {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        content: [],
        model: 'stand-in',
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 1, output_tokens: 1 },
      },
    }),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }),
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
  ],
  rest: (text) => [
    event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    event({ type: 'content_block_stop', index: 0 }),
    event({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: 2 },
    }),
    event({ type: 'message_stop' }),
  ],
  failure: event({ type: 'error', error: { type: 'overloaded_error', message: 'overloaded on purpose' } }),
};

/** Answers on loopback as OpenAI (`/chat/completions`) and Anthropic (`/messages`) do, in streams. Says "It is ", then "a stream.". */
export class ModelEndpoint {
  /** The messages of each request, oldest first. */
  readonly asked: { readonly role: string; readonly content: unknown }[][] = [];
  /** How the next answers come; those after them are whole. */
  readonly next: How[] = [];
  /** Answers whose connection was closed before they had ended. */
  brokenOff = 0;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.answer(request, response));
  }

  static async open(): Promise<ModelEndpoint> {
    const endpoint = new ModelEndpoint(createServer());
    endpoint.server.listen(0, '127.0.0.1');
    await once(endpoint.server, 'listening');
    return endpoint;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('close', () => {
      if (!response.writableFinished) this.brokenOff += 1;
    });
    let body = '';
    for await (const piece of request) body += piece;
    this.asked.push(JSON.parse(body).messages);
    const how = this.next.shift() ?? 'whole';
    const { first, rest, failure } = request.url?.endsWith('/chat/completions') ? OPENAI : ANTHROPIC;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    // What follows must not overtake it.
    await new Promise((resolve) => response.write(first('It is ').join(''), resolve));
    if (how === 'cut') response.destroy();
    else if (how === 'ended early') response.end();
    else if (how === 'refused') response.end(failure);
    else if (how === 'whole') response.end(rest('a stream.').join(''));
  }
}

function chunk(delta: object, finish_reason: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason }];
  return data({ id: 'chat_1', object: 'chat.completion.chunk', created: 1, model: 'stand-in', choices });
}

function event(content: { readonly type: string } & Record<string, unknown>): string {
  return `event: ${content.type}\n${data(content)}`;
}

function data(content: object): string {
  return `data: ${JSON.stringify(content)}\n\n`;
}
