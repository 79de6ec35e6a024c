import type { CursorStore, StoredCursor } from '../../../src/stores/index.js';
import type { Message } from '../../../src/wire/index.js';
import { EngineRig, message, row } from '../catchup/engine-rig.js';
import type { Dice } from '../order/dice.js';

const IDS = ['conv_a', 'conv_b'];
const OWN = 'me';

/** What the service wrote in one conversation, and what became of it. */
interface Written {
  readonly message: Message;
  /** Never pushed and never shown: somebody hid it. */
  readonly hole: boolean;
}

/**
 * A bot with a store, over several lives: a small service that loses, doubles and delays frames, a store that is slow,
 * fails, or answers after everybody stopped waiting, handlers that fail, crashes. Everything that is saved is checked
 * against what was saved before, and everything that is acknowledged against what is saved.
 */
export class CursorWorld {
  readonly written = new Map<string, Written[]>();
  /** Messages handled in any life. */
  readonly handled = new Set<string>();
  saves = 0;
  readonly violations: string[] = [];
  private readonly stored = new Map<string, StoredCursor>();
  /** What this life has saved or was given. */
  private known = new Map<string, StoredCursor>();
  private acked = new Set<string>();
  private rig: EngineRig;
  private lives = 0;
  private readonly ackMode: boolean;
  private calm = false;

  constructor(private readonly dice: Dice) {
    this.ackMode = dice.chance(0.6);
    const holes = dice.pick(0, 0.1, 0.3);
    for (const id of IDS) {
      const all = Array.from({ length: dice.int(5, 40) }, (_, i) => {
        const sender = dice.chance(0.15) ? OWN : 'alice';
        return { message: message(i + 1, id, { sender }), hole: dice.chance(holes) };
      });
      this.written.set(id, all);
    }
    this.rig = this.begin();
  }

  async run(): Promise<void> {
    const { dice } = this;
    await this.rig.hello(this.ackMode);
    const sent = [...this.written.values()].flat().filter(({ hole }) => !hole);
    // Each conversation in its own order, the two of them mixed.
    sent.sort((a, b) => a.message.seq - b.message.seq || dice.next() - 0.5);
    for (const { message: each } of sent) {
      this.publish(each);
      if (dice.chance(0.3)) await this.rig.clock.advance(dice.pick(1, 50, 3_000));
      if (dice.chance(0.02)) await this.reconnect();
      if (dice.chance(0.02)) await this.crash();
    }
    this.calm = true;
    await this.rig.clock.advance(3 * 3_600_000);
    this.checkAcks();
  }

  private publish(each: Message): void {
    const { dice, rig } = this;
    rig.source.history.push(each);
    if (this.ackMode && each.sender !== OWN) rig.source.rows.push(row(each.seq, each.conversation_id));
    if (dice.chance(0.25)) return;
    for (let copies = dice.chance(0.15) ? 2 : 1; copies > 0; copies -= 1) {
      const late = dice.chance(0.2) ? dice.int(1, 5_000) : 0;
      rig.clock.setTimer(() => this.push(rig, each), late);
    }
  }

  private push(rig: EngineRig, each: Message): void {
    if (rig !== this.rig) return;
    rig.engine.inbox.frame({ type: 'message.new', payload: { ...each } });
    this.checkAcks();
  }

  private async reconnect(): Promise<void> {
    await this.rig.lost();
    await this.rig.hello(this.ackMode);
  }

  /** kill -9. What was on its way to the store may land or not, and nobody hears of it. */
  private async crash(): Promise<void> {
    const { source } = this.rig;
    this.rig = this.begin();
    this.rig.source.history = source.history;
    this.rig.source.rows = source.rows;
    await this.rig.hello(this.ackMode);
  }

  private begin(): EngineRig {
    const { dice } = this;
    this.lives += 1;
    this.known = new Map();
    this.acked = new Set();
    const life = this.lives;
    const rig: EngineRig = new EngineRig({
      store: this.storeOf(life, () => rig),
      handlerRetry: { retries: 0 },
      bounds: {
        lane: dice.pick(1, 3, 256),
        idleConversations: dice.pick(1, 100),
        holdPerConversation: dice.pick(2, 500),
      },
      handler: ({ payload }) => this.handle(life, () => rig, payload),
    });
    return rig;
  }

  private handle(life: number, rig: () => EngineRig, { id, sender }: Message): unknown {
    const { dice } = this;
    if (life !== this.lives) return undefined;
    if (sender === OWN) this.object(`own message ${id} was delivered`);
    const fails = !this.calm && dice.chance(0.15);
    const finish = () => {
      if (life === this.lives && !fails) this.handled.add(id);
    };
    if (dice.chance(0.4)) {
      finish();
      if (fails) throw new Error('on purpose');
      return undefined;
    }
    return new Promise<void>((resolve, reject) => {
      rig().clock.setTimer(
        () => {
          finish();
          if (fails) reject(new Error('on purpose'));
          else resolve();
        },
        dice.pick(1, 20, 500),
      );
    });
  }

  // -- the store ----------------------------------------------------------------------------------------------------

  private storeOf(life: number, rig: () => EngineRig): CursorStore {
    const { dice } = this;
    const after = (ms: number, run: () => void) =>
      rig().clock.setTimer(() => life === this.lives && run(), ms);
    return {
      load: (id) =>
        new Promise((resolve, reject) => {
          after(dice.pick(0, 5, 400), () => {
            if (!this.calm && dice.chance(0.2)) return reject(new Error('store down'));
            const cursor = this.stored.get(id) ?? null;
            if (cursor !== null && !this.known.has(id)) this.known.set(id, cursor);
            resolve(cursor);
          });
        }),
      unfinished: () =>
        new Promise((resolve) => {
          const owing = [...this.stored.values()].filter(
            (each) => each.missing.length + each.parked.length > 0,
          );
          after(dice.pick(0, 400), () => {
            for (const each of owing)
              if (!this.known.has(each.conversationId)) this.known.set(each.conversationId, each);
            resolve(owing);
          });
        }),
      save: (cursors) => {
        for (const cursor of cursors) this.checkSave(cursor);
        const land = () => {
          for (const cursor of cursors) this.stored.set(cursor.conversationId, cursor);
        };
        return new Promise((resolve, reject) => {
          const trouble = this.calm
            ? 'none'
            : dice.pick('none', 'none', 'none', 'fails', 'fails late', 'hangs', 'late');
          const ms = trouble === 'late' ? dice.int(11_000, 200_000) : dice.pick(0, 5, 3_000);
          after(ms, () => {
            if (trouble === 'hangs') return;
            if (trouble !== 'fails') land();
            if (trouble.startsWith('fails')) reject(new Error('store down'));
            else resolve();
          });
        });
      },
    };
  }

  // -- what must hold -----------------------------------------------------------------------------------------------

  /** Written down: a store or a handler that throws is no more than a failure to the client. */
  private object(what: string): void {
    this.violations.push(`life ${this.lives}: ${what}`);
  }

  private checkSave(cursor: StoredCursor): void {
    const { conversationId: id, expected, floor } = cursor;
    this.saves += 1;
    const before = this.known.get(id);
    this.known.set(id, cursor);
    if (before !== undefined && expected < before.expected)
      this.object(`${id}: expected went back from ${before.expected} to ${expected}`);
    if (before !== undefined && floor > before.floor)
      this.object(`${id}: the floor rose from ${before.floor} to ${floor}`);
    for (const { message: each, hole } of this.written.get(id) ?? []) {
      const done = hole || each.sender === OWN || this.handled.has(each.id);
      if (done || owes(cursor, each.seq)) continue;
      if (before !== undefined && owes(before, each.seq) && each.seq < expected)
        this.object(`${id}: ${each.seq} is not owed any more, and was not handled`);
      if (each.seq >= floor && each.seq < expected)
        this.object(`${id}: the cursor ${expected} covers ${each.seq}, which was not handled`);
    }
  }

  /** ACK-1: persisted, then acknowledged. */
  private checkAcks(): void {
    for (const id of this.rig.acked) {
      if (this.acked.has(id)) continue;
      this.acked.add(id);
      if (!this.handled.has(id)) this.object(`${id} was acknowledged and not handled`);
      this.rig.source.rows = this.rig.source.rows.filter((each) => (each as Message).id !== id);
    }
  }

  /** What the stored cursors say was handled, and was not. */
  lost(): string[] {
    return [...this.stored.values()].flatMap((cursor) =>
      (this.written.get(cursor.conversationId) ?? [])
        .filter(({ hole, message: { id, sender } }) => !hole && sender !== OWN && !this.handled.has(id))
        .map(({ message: each }) => each)
        .filter(({ seq }) => seq >= cursor.floor && seq < cursor.expected && !owes(cursor, seq))
        .map(({ id }) => id),
    );
  }
}

function owes({ missing, parked }: StoredCursor, seq: number): boolean {
  return missing.some(({ from, to }) => seq >= from && seq <= to) || parked.some((each) => each.seq === seq);
}
