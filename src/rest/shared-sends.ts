import { type CallOptions, type HttpTransport, invalid } from '../http/index.js';
import { endpoints, type SendMessageRequest } from '../wire/index.js';
import { isObject } from './expect.js';
import { performSend, prepareSend, type SendMessageInput, type SendMessageResult } from './send.js';

/** A send that is under way, for everybody who asked for the same. */
interface RunningSend {
  readonly body: string;
  readonly result: Promise<SendMessageResult>;
  readonly controller: AbortController;
  waiting: number;
}

const LABEL = `${endpoints.sendMessage.method} ${endpoints.sendMessage.path}`;

/**
 * Sends, and lets calls with the same `client_msg_id` share one request while it is under way: two parts of a program that
 * answer the same message do not race each other. Each call ends by its own signal and its own deadline; the request ends
 * when nobody waits for it any more.
 */
export class SharedSends {
  readonly #running = new Map<string, RunningSend>();

  /** @param onSent Told of each message once, however many calls have asked for it. */
  async send(
    transport: HttpTransport,
    input: SendMessageInput,
    options: CallOptions,
    onSent: (result: SendMessageResult) => void,
  ): Promise<SendMessageResult> {
    refuseIdempotencyKey(options);
    const request = prepareSend(input);
    const perform = async (call: CallOptions) => {
      const result = await performSend(transport, request, call);
      onSent(result);
      return result;
    };
    // An id of our own making is nobody else's.
    if (input.client_msg_id === undefined) return perform(options);
    return this.#share(transport, request, options, perform);
  }

  async #share(
    transport: HttpTransport,
    request: SendMessageRequest,
    options: CallOptions,
    perform: (call: CallOptions) => Promise<SendMessageResult>,
  ): Promise<SendMessageResult> {
    const body = JSON.stringify(request);
    const known = this.#running.get(request.client_msg_id);
    if (known !== undefined && known.body !== body) {
      throw invalid(
        'client_msg_id',
        'sendMessage: another message with this `client_msg_id` is being sent. Each message needs its own; ' +
          '`replyId` derives one from the message that is answered',
      );
    }
    if (known !== undefined) return this.#wait(transport, known, request.client_msg_id, options);
    // Already over: nothing is to be sent, and the call says so itself.
    if (options.signal?.aborted === true) return perform(options);
    const running = this.#start(request.client_msg_id, body, options, perform);
    // Its deadline is that of the request, which knows better what it was waiting for.
    return this.#wait(transport, running, request.client_msg_id, { signal: options.signal, deadlineMs: 0 });
  }

  #start(
    id: string,
    body: string,
    options: CallOptions,
    perform: (call: CallOptions) => Promise<SendMessageResult>,
  ): RunningSend {
    const controller = new AbortController();
    const result = perform({ ...options, signal: controller.signal });
    const running: RunningSend = { body, result, controller, waiting: 0 };
    this.#running.set(id, running);
    const forget = () => this.#forget(id, running);
    result.then(forget, forget);
    return running;
  }

  async #wait(
    transport: HttpTransport,
    running: RunningSend,
    id: string,
    { signal, deadlineMs }: CallOptions,
  ): Promise<SendMessageResult> {
    running.waiting += 1;
    try {
      return { ...(await transport.waitFor(running.result, LABEL, { signal, deadlineMs })) };
    } finally {
      running.waiting -= 1;
      if (running.waiting === 0) {
        this.#forget(id, running);
        // Without effect when it is over, which it mostly is.
        running.controller.abort();
      }
    }
  }

  #forget(id: string, running: RunningSend): void {
    if (this.#running.get(id) === running) this.#running.delete(id);
  }
}

function refuseIdempotencyKey(options: CallOptions): void {
  if (isObject(options) && options.idempotencyKey !== undefined) {
    throw invalid(
      'idempotencyKey',
      'sendMessage: messages are made repeatable by `client_msg_id`, not by "idempotencyKey"',
    );
  }
}
