import type { Clock } from '../../clock/index.js';
import type { Json, ValueStore } from '../../stores/index.js';
import { normalizeHandle } from '../../wire/index.js';
import { keyPart, SharedValues } from '../util/shared-values.js';
import { guardStateOf, type Incoming, judge, lifetimeMs, replied, type Verdict } from './guard.js';
import { type GuardOptions, type GuardRules, guardRulesOf } from './options.js';

/** A verdict, and under which key the guard intervened. */
export type KeptVerdict =
  | Extract<Verdict, { allow: true }>
  | (Extract<Verdict, { allow: false }> & { readonly key: string });

const GROUP = 'group/';

/** The key of whoever wrote. */
export function peerKey(handle: string): string {
  return `peer/${keyPart(normalizeHandle(handle))}`;
}

/** The key of a group. In it only answers are counted: what one member says is not the echo of what another has said. */
export function groupKey(conversationId: string): string {
  return GROUP + keyPart(conversationId);
}

/**
 * The guard with its memory in a store, so that it outlives restarts, and replicas share it. Asks the wall clock, because that is
 * what they share; a clock that is set back does not lengthen a cool-down.
 */
export class GuardKeeper {
  private readonly rules: GuardRules;
  private readonly values: SharedValues;

  /** @throws ValidationError that names the option that is wrong. */
  constructor(
    values: ValueStore,
    private readonly clock: Pick<Clock, 'wallNow'>,
    options: GuardOptions = {},
  ) {
    this.rules = guardRulesOf(options);
    this.values = new SharedValues(values);
  }

  /**
   * Whether messages may be answered. Asked once for each turn, before it runs.
   *
   * @param keys Those of {@link peerKey} and {@link groupKey}. All must allow it.
   * @throws StoreError when the store fails.
   */
  async check(keys: readonly string[], incoming: Omit<Incoming, 'now'>): Promise<KeptVerdict> {
    const verdicts = await Promise.all(keys.map((key) => this.judge(key, incoming)));
    return verdicts.find(({ allow }) => !allow) ?? { allow: true };
  }

  /**
   * The bot has answered. Told once for each answer, however many parts it was sent in.
   *
   * @param id Names the answer, for ever: told twice, as after a crash, it counts once. Default: it counts each time.
   * @throws StoreError when the store fails.
   */
  async replied(keys: readonly string[], text: string, id?: string): Promise<void> {
    await Promise.all(keys.map((key) => this.noteReply(key, text, id)));
  }

  private async judge(key: string, incoming: Omit<Incoming, 'now'>): Promise<KeptVerdict> {
    const now = this.clock.wallNow();
    const texts = key.startsWith(GROUP) ? [] : incoming.texts;
    const verdict = await this.values.change(`guard/${key}`, (value) => {
      const before = guardStateOf(value);
      const { state, verdict } = judge(before, { ...incoming, texts, now }, this.rules);
      return { result: verdict, write: state === before ? null : this.writing(state) };
    });
    return verdict.allow ? verdict : { ...verdict, key };
  }

  private async noteReply(key: string, text: string, id: string | undefined): Promise<void> {
    const now = this.clock.wallNow();
    const answer = { text: key.startsWith(GROUP) ? null : text, id, now };
    await this.values.change(`guard/${key}`, (value) => {
      const before = guardStateOf(value);
      const state = replied(before, answer, this.rules);
      return { result: undefined, write: state === before ? null : this.writing(state) };
    });
  }

  private writing(state: Parameters<typeof lifetimeMs>[0]) {
    return { value: state as unknown as Json, expiresInMs: lifetimeMs(state, this.rules) };
  }
}
