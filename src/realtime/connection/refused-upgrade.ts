import type { Clock, TimerHandle } from '../../clock/index.js';
import { quietly, type UpgradeAnswer } from './socket.js';

/** The request for an upgrade, as far as it is used. */
export interface UpgradeRequest {
  destroy?(): void;
}

/** Node's answer to a request, as far as it is used. */
export interface UpgradeResponse {
  readonly statusCode?: number;
  readonly headers?: UpgradeAnswer['headers'];
  on?(event: string, listener: (...args: never[]) => void): unknown;
}

/** More than any refusal in the service's form takes; a stranger's page is not needed to its end. */
const MOST_BYTES = 4_096;
/** The rest of a small answer comes with its head, or with the next packets. */
const PATIENCE_MS = 2_000;

/**
 * An upgrade that was answered with an ordinary response. Its body says whether the service speaks or a stranger, so a
 * little of it is read, for a little while. Then the request is ended: nobody else does that once somebody listens for
 * its response.
 */
export class RefusedUpgrade {
  private readonly pieces: Uint8Array[] = [];
  private received = 0;
  private timer: TimerHandle | null = null;
  private over = false;

  constructor(
    private readonly request: UpgradeRequest | undefined,
    private readonly response: UpgradeResponse | undefined,
    private readonly clock: Clock,
    private readonly onAnswer: (answer: UpgradeAnswer) => void,
  ) {
    if (typeof response?.on !== 'function') {
      this.finish();
      return;
    }
    // Background: the socket below keeps the process alive, and a client that stops need not wait for this.
    this.timer = clock.setTimer(() => this.finish(), PATIENCE_MS, 'background');
    response.on('data', (piece: Uint8Array) => this.take(piece));
    // One of them comes, whatever becomes of the connection.
    for (const end of ['end', 'aborted', 'error', 'close']) response.on(end, () => this.finish());
  }

  /** Tells nothing any more, and ends the request. */
  stop(): void {
    if (this.over) return;
    this.over = true;
    if (this.timer !== null) this.clock.clearTimer(this.timer);
    quietly(() => this.request?.destroy?.());
  }

  private take(piece: Uint8Array): void {
    if (this.over) return;
    const wanted = piece.subarray(0, MOST_BYTES - this.received);
    this.pieces.push(wanted);
    this.received += wanted.byteLength;
    if (this.received >= MOST_BYTES) this.finish();
  }

  private finish(): void {
    if (this.over) return;
    this.stop();
    const { statusCode = 0, headers = {} } = this.response ?? {};
    this.onAnswer({ kind: 'http', status: statusCode, headers, body: this.text() });
  }

  private text(): string {
    const all = new Uint8Array(this.received);
    let at = 0;
    for (const piece of this.pieces) {
      all.set(piece, at);
      at += piece.byteLength;
    }
    return new TextDecoder().decode(all);
  }
}
