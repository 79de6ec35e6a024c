import type { Dispatcher } from 'undici';
import { pipeFor, type Sink } from './decode.js';
import { type HeaderRecord, UndiciHeaders } from './headers.js';
import { UndiciResponse } from './response.js';

interface Answering {
  resolve(response: Response): void;
  reject(error: unknown): void;
}

/**
 * One request and its answer, told by undici in callbacks: that spares the promises, streams and resources of its
 * `request`. Ends once: by the end of the body, an error, the signal, or because nobody wants the rest.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #url: string;
  readonly #answering: Answering;
  readonly #signal: AbortSignal | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #sink: Sink | undefined;
  #over = false;
  /** Why it was given up before the connection was there. */
  #givenUp: Error | undefined;

  constructor(url: string, signal: AbortSignal | undefined, answering: Answering) {
    this.#url = url;
    this.#answering = answering;
    this.#signal = signal;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#givenUp !== undefined) controller.abort(this.#givenUp);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    record: HeaderRecord,
    statusText = '',
  ): void {
    // 1xx: the answer is still to come.
    if (this.#over || status < 200) return;
    const headers = new UndiciHeaders(record);
    const flow = {
      pause: () => controller.pause(),
      resume: () => controller.resume(),
      abort: (reason: Error) => controller.abort(reason),
    };
    const { sink, queue } = pipeFor(headers.get('content-encoding') ?? '', flow, () => this.#end());
    this.#sink = sink;
    this.#answering.resolve(new UndiciResponse({ url: this.#url, status, statusText, headers }, queue));
  }

  onResponseData(_: unknown, chunk: Uint8Array): void {
    this.#sink?.push(chunk);
  }

  onResponseEnd(): void {
    this.#sink?.close();
  }

  onResponseError(_: unknown, error: unknown): void {
    this.#fail(error);
  }

  readonly #onAbort = (): void => {
    const { reason } = this.#signal ?? {};
    const error =
      reason instanceof Error ? reason : new DOMException('The request was aborted.', 'AbortError');
    this.#fail(reason);
    if (this.#controller === undefined) this.#givenUp = error;
    else this.#controller.abort(error);
  };

  #fail(error: unknown): void {
    if (this.#over) return;
    // Before the head: the answer is the error. After it: the body is.
    if (this.#sink === undefined) this.#answering.reject(error);
    else this.#sink.fail(error);
    this.#end();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}
