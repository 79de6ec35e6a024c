import type { Message } from '../../../src/wire/index.js';
import { Rng } from '../../simulation/rng.js';
import type { VirtualClock } from '../../support/virtual-clock.js';
import type { VirtualService } from '../virtual-service.js';
import type { Answer, Judge, PeerKind } from './judge.js';
import { words } from './thinker.js';

/** How long a peer thinks before it writes again, in milliseconds: the guard allows 20 answers in ten minutes. */
const THINKS: Record<PeerKind, readonly [number, number]> = {
  steady: [45_000, 75_000],
  stubborn: [45_000, 75_000],
  chatty: [500, 1_500],
};

/** Those who write to the bot: one to three messages, and more when these are answered. */
export class Peers {
  isSilent = false;
  said = 0;
  readonly names: string[] = [];
  private readonly rng: Rng;

  constructor(
    private readonly clock: VirtualClock,
    private readonly service: VirtualService,
    private readonly judge: Judge,
    seed: number,
  ) {
    this.rng = new Rng(seed);
  }

  add(name: string, kind: PeerKind): void {
    this.names.push(name);
    this.judge.meet(name, kind);
    this.service.listen(name, (message) => this.hear(name, kind, message));
    this.later(this.rng.int(0, 60_000), () => this.write(name, kind));
  }

  private hear(name: string, kind: PeerKind, { content }: Message): void {
    const [, what, json = ''] = /(note|answer) (.*)$/.exec(content.text ?? '') ?? [];
    if (what === 'note') {
      this.judge.noteFrom(name, JSON.parse(json));
      return;
    }
    this.judge.answerFrom(name, JSON.parse(json) as Answer);
    if (kind === 'steady' && this.judge.isServed(name)) this.writeLater(name, kind);
  }

  private write(name: string, kind: PeerKind): void {
    if (this.isSilent) return;
    // Closer together than `turns.settleMs`.
    const count = this.rng.pick([1, 1, 1, 2, 3]);
    for (let more = 0; more < count; more += 1) this.later(more * this.rng.int(5, 40), () => this.say(name));
    // The others do not wait for an answer.
    if (kind !== 'steady') this.writeLater(name, kind);
  }

  private writeLater(name: string, kind: PeerKind): void {
    this.later(this.rng.int(...THINKS[kind]), () => this.write(name, kind));
  }

  private say(name: string): void {
    if (this.isSilent) return;
    this.said += 1;
    this.service.say(name, `${words(this.rng)} #${this.judge.says(name)}`);
  }

  private later(ms: number, action: () => void): void {
    this.clock.setTimer(action, ms, 'background');
  }
}
