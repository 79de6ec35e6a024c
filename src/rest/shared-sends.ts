import { TimeoutError } from '../errors/index.js';
import { type CallOptions, checkCallOptions, type HttpTransport, invalid, tell } from '../http/index.js';
import { endpoints, type SendMessageRequest } from '../wire/index.js';
import {
  checkIsMessage,
  performSend,
  prepareSend,
  type SendMessageInput,
  type SendMessageResult,
} from './send.js';
import { inSteps } from './steps.js';

/** A send that is under way, for everybody who asked for the same. */
interface RunningSend {
  readonly body: string;
  readonly result: Promise<SendMessageResult>;
  readonly controller: AbortController;
  /** The calls that wait for it, by what each of them wants to be told of the answer. */
  readonly waiting: Set<Pick<CallOptions, 'onResponse'>>;
  /** What it failed with because the time of the call that began it was up. Others may have more. */
  outOfTime: unknown;
}

/** Made in a call, which can be marked pure: a property that is read keeps the whole table in every bundle. */
const LABEL = /* @__PURE__ */ labelOfSends();

/**
 * Sends, and lets calls with the same `client_msg_id` share one request while it is under way: two parts of a program that
 * answer the same message do not race each other. Each call ends by its own signal and its own deadline; the request ends
 * when nobody waits for it any more.
 */
export class SharedSends {
  readonly #running = new Map<string, RunningSend>();
  readonly #transport: HttpTransport;
  readonly #onSent: (result: SendMessageResult) => void;

  /** @param onSent Told of each message once, however many calls have asked for it. */
  constructor(transport: HttpTransport, onSent: (result: SendMessageResult) => void) {
    this.#transport = transport;
    this.#onSent = onSent;
  }

  async send(input: SendMessageInput, asked: CallOptions): Promise<SendMessageResult> {
    checkIsMessage(input);
    const options = checkCallOptions(asked);
    refuseIdempotencyKey(options);
    const request = prepareSend(input);
    // An id of our own making is nobody else's.
    return input.client_msg_id === undefined
      ? this.#perform(request, options)
      : this.#share(request, options);
  }

  async #perform(request: SendMessageRequest, options: CallOptions): Promise<SendMessageResult> {
    const result = await performSend(this.#transport, request, options);
    this.#onSent(result);
    return result;
  }

  async #share(request: SendMessageRequest, options: CallOptions): Promise<SendMessageResult> {
    const body = jsonOf(request);
    // No JSON at all, such as a BigInt for a handle: the check against the contract names the field.
    if (body === undefined) return this.#perform(request, options);
    const known = this.#running.get(request.client_msg_id);
    if (known !== undefined && known.body !== body) {
      throw invalid(
        'client_msg_id',
        'sendMessage: another message with this `client_msg_id` is being sent. Each message needs its own; ' +
          '`replyId` derives one from the message that is answered',
      );
    }
    if (known !== undefined) return this.#join(known, request, options);
    // Already over: nothing is to be sent, and the call says so itself.
    if (options.signal?.aborted === true) return this.#perform(request, options);
    const running = this.#start(request, body, options);
    // Its deadline is that of the request, which knows better what it was waiting for.
    return this.#wait(running, request.client_msg_id, { ...options, deadlineMs: 0 });
  }

  /** Waits for somebody else's request. When that one's time is up, what is left of this call's own goes into another. */
  async #join(
    known: RunningSend,
    request: SendMessageRequest,
    options: CallOptions,
  ): Promise<SendMessageResult> {
    let joined: Promise<SendMessageResult> | undefined;
    const join = async (call: CallOptions) => {
      try {
        return await this.#wait(known, request.client_msg_id, call);
      } catch (error) {
        if (error !== known.outOfTime) throw error;
        return this.#share(request, call);
      }
    };
    try {
      return await inSteps(this.#transport, LABEL, options, (call) => {
        joined = join(call);
        return joined;
      });
    } finally {
      // It has ended, too, and with it the request if nobody else waits.
      await joined?.catch(() => undefined);
    }
  }

  #start(request: SendMessageRequest, body: string, options: CallOptions): RunningSend {
    const controller = new AbortController();
    const waiting: RunningSend['waiting'] = new Set();
    const result = this.#perform(request, {
      ...options,
      signal: controller.signal,
      onResponse: (answer) => {
        for (const { onResponse } of waiting) tell(onResponse, { ...answer });
      },
    });
    const running: RunningSend = { body, result, controller, waiting, outOfTime: undefined };
    const id = request.client_msg_id;
    this.#running.set(id, running);
    const failed = (error: unknown) => {
      if (error instanceof TimeoutError && !error.retryable) running.outOfTime = error;
      this.#forget(id, running);
    };
    result.then(() => this.#forget(id, running), failed);
    return running;
  }

  async #wait(
    running: RunningSend,
    id: string,
    { signal, deadlineMs, onResponse }: CallOptions,
  ): Promise<SendMessageResult> {
    const call = { onResponse };
    running.waiting.add(call);
    try {
      return { ...(await this.#transport.waitFor(running.result, LABEL, { signal, deadlineMs })) };
    } finally {
      running.waiting.delete(call);
      if (running.waiting.size === 0) {
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

function jsonOf(request: SendMessageRequest): string | undefined {
  try {
    return JSON.stringify(request);
  } catch {
    return undefined;
  }
}

function refuseIdempotencyKey({ idempotencyKey }: CallOptions): void {
  if (idempotencyKey !== undefined) {
    throw invalid(
      'idempotencyKey',
      'sendMessage: messages are made repeatable by `client_msg_id`, not by "idempotencyKey"',
    );
  }
}

function labelOfSends(): string {
  const { method, path } = endpoints.sendMessage;
  return `${method} ${path}`;
}
