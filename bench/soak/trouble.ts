import type { FloodServer } from '../../test/e2e/flood-server.js';

/** The share of the event frames that are never written, though the service believes that they were. */
const LOST_FRAMES = 0.01;
/** The share of the REST calls that are answered 503, and of those that get no answer but a cut connection. Half have done their work. */
const FAILED_CALLS = { unavailable: 0.025, cut: 0.025 };
const CUT_EVERY_MS = 5_000;

/** How a socket ends: without a word in half of the cases, with the codes of a service that restarts or has trouble in the others. */
const CUTS = ['reset', 'destroyed', 'destroyed', 'half-open', 1001, 1011, 1012, 1013] as const;

/** Everything that goes wrong between the service and the bot. */
export class Trouble {
  /** Sockets cut so far. */
  cuts = 0;
  readonly #server: FloodServer;
  readonly #chance: () => number;
  #timer: NodeJS.Timeout | undefined;
  #isHalfOpen = false;

  constructor(server: FloodServer, chance: () => number) {
    this.#server = server;
    this.#chance = chance;
  }

  start(): void {
    this.#server.faults.set({
      dropFrames: LOST_FRAMES,
      restUnavailable: FAILED_CALLS.unavailable,
      restCut: FAILED_CALLS.cut,
    });
    this.#timer = setInterval(() => this.#cut(), CUT_EVERY_MS);
  }

  /** From now on all is well. */
  stop(): void {
    clearInterval(this.#timer);
    this.#server.faults.clear();
    this.#endHalfOpen();
  }

  #cut(): void {
    this.cuts += 1;
    if (this.#endHalfOpen()) return;
    const cut = CUTS[Math.floor(this.#chance() * CUTS.length)];
    if (cut === 'reset') this.#server.resetSockets();
    else if (cut === 'half-open') this.#isHalfOpen = this.#server.faults.halfOpen('bot') > 0;
    else if (typeof cut === 'number') this.#server.closeSockets(cut);
    else this.#server.faults.cut('bot');
  }

  /** Left alone, the client would need 25 s to notice: longer than a message may be late. */
  #endHalfOpen(): boolean {
    if (!this.#isHalfOpen) return false;
    this.#isHalfOpen = false;
    this.#server.faults.cut('bot');
    return true;
  }
}
