import type { Cargo, Carrier, Receiver } from '../http/index.js';
import { addressSplitter } from './address.js';
import type { Flow, Sink } from './decode.js';
import { type Connections, dispatch, type PlainRequest } from './dispatch.js';
import { Exchange, type Listener } from './exchange.js';
import type { UndiciHeaders } from './headers.js';

/** Carries requests with nothing between undici and who receives the answer. */
export function undiciCarrier(connections: Connections): Carrier {
  const split = addressSplitter();
  return (cargo, receiver) => {
    const exchange = new Exchange(new ReceiverListener(receiver));
    try {
      dispatch(connections, split(cargo.url), requestOf(cargo), exchange);
    } catch (error) {
      exchange.onResponseError(undefined, error);
    }
    return { cancel: () => exchange.abort(UNWANTED()) };
  };
}

function requestOf({ method, headers, payload }: Cargo): PlainRequest {
  return { method, headers, body: (typeof payload === 'function' ? payload() : payload) ?? null };
}

const UNWANTED = () => new Error('The request was given up.');

/** Tells a receiver. What throws in it is no affair of undici's, which would take it for an error of the connection. */
class ReceiverListener implements Listener, Sink {
  readonly #receiver: Receiver;

  constructor(receiver: Receiver) {
    this.#receiver = receiver;
  }

  onHead(status: number, headers: UndiciHeaders, _: string, __: Flow): Sink {
    this.#receiver.onHead(status, headers, false);
    return this;
  }

  onFailure(error: unknown): void {
    this.#receiver.onError(error);
  }

  /** Whoever wants no more cancels: there is nobody to wait for. */
  push(chunk: Uint8Array): boolean {
    this.#receiver.onChunk(chunk);
    return true;
  }

  close(): void {
    this.#receiver.onEnd();
  }

  fail(error: unknown): void {
    this.#receiver.onError(error);
  }
}
