import type { Dispatcher } from 'undici';
import { type Decoder, decodeInto, decodersFor, type Flow, type Sink } from './decode.js';
import { type HeaderRecord, UndiciHeaders } from './headers.js';

/** Who is told of an answer: its head, for which it gives a sink for the body, or why there is none. */
export interface Listener {
  onHead(status: number, headers: UndiciHeaders, statusText: string, flow: Flow): Sink;
  onFailure(error: unknown): void;
}

/**
 * One request and its answer, told by undici in callbacks: that spares the promises, streams and resources of its
 * `request`. Ends once: by the end of the body, an error, or because it is given up.
 */
export class Exchange implements Dispatcher.DispatchHandler, Flow {
  readonly #listener: Listener;
  #controller: Dispatcher.DispatchController | undefined;
  #sink: Sink | undefined;
  #decoders: readonly Decoder[] = [];
  #over = false;
  /** Why it was given up before there was a connection. */
  #givenUp: Error | undefined;

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  /** Gives it up. The listener is told no more. */
  abort(reason: Error): void {
    // Also when all has been received: what is still to be decoded may be a thousand times as much.
    for (const decoder of this.#decoders) decoder.destroy();
    if (this.#over) return;
    this.#over = true;
    if (this.#controller === undefined) this.#givenUp = reason;
    else this.#controller.abort(reason);
  }

  /** Gives it up, and tells the listener why. */
  fail(error: unknown, reason: Error): void {
    if (this.#over) return;
    this.#tell(error);
    this.abort(reason);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#givenUp !== undefined) controller.abort(this.#givenUp);
  }

  onResponseStart(_: unknown, status: number, record: HeaderRecord, statusText = ''): void {
    // 1xx: the answer is still to come.
    if (this.#over || status < 200) return;
    const headers = new UndiciHeaders(record);
    const open = (flow: Flow) => this.#listener.onHead(status, headers, statusText, flow);
    const decoders = decodersFor(headers.get('content-encoding'));
    if (decoders !== undefined) this.#decoders = decoders;
    this.#sink = decoders === undefined ? open(this) : decodeInto(decoders, this, open);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#over || this.#sink === undefined) return;
    if (!this.#sink.push(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#over = true;
    this.#sink?.close();
  }

  onResponseError(_: unknown, error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#tell(error);
  }

  /** Before the head: there is no answer. After it: there is no whole body. */
  #tell(error: unknown): void {
    if (this.#sink === undefined) this.#listener.onFailure(error);
    else this.#sink.fail(error);
  }
}
