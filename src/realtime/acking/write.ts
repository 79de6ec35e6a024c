import type { Clock } from '../../clock/index.js';
import type { CursorStore, StoredCursor } from '../../stores/index.js';
import type { Life } from '../util/life.js';
import type { UnsavedConversation } from './unsaved.js';

/** How one call of `save` stands. One that gave no answer may still be carried out, at any time. */
export type WriteState =
  | { readonly kind: 'under way' }
  | { readonly kind: 'saved' }
  | { readonly kind: 'failed'; readonly error: unknown };

/** One call of a store's `save`, from its start until it settles, however late. */
export class CursorWrite {
  state: WriteState = { kind: 'under way' };
  /** How often its patience ran out. */
  lateCount = 0;
  private readonly followers = new Set<() => void>();

  constructor(
    store: CursorStore,
    readonly content: ReadonlyMap<string, UnsavedConversation>,
  ) {
    const cursors = [...content.values()].map(({ cursor }) => cursor);
    // Inside a promise, so that a store that throws instead of rejecting is no different.
    new Promise<void>((answer) => {
      answer(store.save(cursors));
    }).then(
      () => this.settle({ kind: 'saved' }),
      (error: unknown) => this.settle({ kind: 'failed', error }),
    );
  }

  cursorOf(conversationId: string): StoredCursor | undefined {
    return this.content.get(conversationId)?.cursor;
  }

  /** Resolves when it has settled, after `ms`, or when `life` ends; with what it was. */
  wait(clock: Clock, ms: number, life: Life): Promise<'settled' | 'late' | 'stopped'> {
    return new Promise((resolve) => {
      const done = (what: 'settled' | 'late' | 'stopped') => {
        clock.clearTimer(timer);
        this.followers.delete(settled);
        off();
        resolve(what);
      };
      const settled = () => done('settled');
      const timer = clock.setTimer(() => done('late'), ms, 'background');
      let off = () => {};
      if (this.state.kind !== 'under way') settled();
      else {
        this.followers.add(settled);
        off = life.onEnd(() => done('stopped'));
      }
    });
  }

  /** Calls `follower` when it settles. */
  onSettled(follower: () => void): void {
    this.followers.add(follower);
  }

  private settle(state: WriteState): void {
    this.state = state;
    const followers = [...this.followers];
    this.followers.clear();
    for (const follower of followers) follower();
  }
}
