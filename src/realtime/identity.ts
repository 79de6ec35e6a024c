import type { Clock } from '../clock/index.js';
import { type Message, normalizeHandle, senderOf } from '../wire/index.js';
import { TIMING } from './bounds.js';
import type { Life } from './life.js';
import { LruSet } from './lru-set.js';
import type { BackgroundRest } from './recovery/background-rest.js';
import { backoff, pause } from './recovery/pause.js';
import { verdictOf } from './recovery/verdict.js';
import type { RealtimeSource } from './source.js';

/** Sends of our own that are remembered while we do not know our handle. */
const SENDS_REMEMBERED = 2_000;

/** Who we are, which tells our own echoes from other people's messages (GAP-5). */
export class Identity {
  private handle: string | null;
  private readonly sends = new LruSet<string>(SENDS_REMEMBERED);

  constructor(
    private readonly clock: Clock,
    handle: string | undefined,
  ) {
    this.handle = handle === undefined ? null : normalizeHandle(handle);
  }

  get known(): boolean {
    return this.handle !== null;
  }

  /** Runs for every message: looks at the length before it normalises anything. */
  isOwn(message: Message): boolean {
    const { handle } = this;
    const { sender } = message;
    if (handle === null) return this.sends.has(message.client_msg_id);
    if (sender === handle) return true;
    if (typeof sender === 'string' && sender.length !== handle.length && isBare(sender)) return false;
    return senderOf(message) === handle;
  }

  /** What the service stored for a send of ours says who we are. */
  learnFromSend(message: Message): void {
    this.handle ??= senderOf(message) || null;
    if (this.handle === null && message.client_msg_id) this.sends.add(message.client_msg_id);
  }

  /** Asks until it is told, or refused. */
  async ask(source: RealtimeSource, rest: BackgroundRest, life: Life): Promise<void> {
    for (let failures = 0; this.handle === null && !life.ended; failures += 1) {
      try {
        const me = await rest.run((call) => source.getMe?.(call) ?? Promise.resolve(undefined), life);
        if (typeof me?.handle === 'string') this.handle ??= normalizeHandle(me.handle);
        return;
      } catch (error) {
        const verdict = verdictOf(error);
        if (verdict.final) return;
        const bounds = { min: TIMING.syncBackoffMin, max: TIMING.syncBackoffMax };
        await pause(this.clock, backoff(this.clock, failures, bounds, verdict.retryAfterMs), life);
      }
    }
  }
}

/** No `@` or space around it that normalising would take away: '@Alice' is 'alice' too, 'alicia' is not. */
function isBare(sender: string): boolean {
  const first = sender.charCodeAt(0);
  return first > SPACE && first !== AT && sender.charCodeAt(sender.length - 1) > SPACE;
}

const SPACE = 32;
const AT = 64;
