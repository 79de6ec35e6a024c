import type { Clock, TimerHandle } from '../../clock/index.js';

/** An answer that comes sooner needs no sign that it comes. */
const AFTER_MS = 200;
/** No rule says how long the sign lasts on the other side. */
const AGAIN_MS = 4_000;

export interface TypingSocket {
  sendTypingStart(conversationId: string): void;
  sendTypingStop(conversationId: string): void;
}

/** TURN-3: shows that a turn is at work, from a moment after its begin to its end. */
export class Typing {
  private timer: TimerHandle = null;
  private isShown = false;

  constructor(
    private readonly clock: Clock,
    private readonly socket: TypingSocket,
    private readonly conversationId: string,
  ) {}

  begin(): void {
    this.timer = this.clock.setTimer(() => this.show(), AFTER_MS, 'background');
  }

  end(): void {
    this.clock.clearTimer(this.timer);
    if (this.isShown) this.socket.sendTypingStop(this.conversationId);
    this.isShown = false;
  }

  private show(): void {
    this.isShown = true;
    this.socket.sendTypingStart(this.conversationId);
    this.timer = this.clock.setTimer(() => this.show(), AGAIN_MS, 'background');
  }
}
