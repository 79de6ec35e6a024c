import type { Change, StoreDriver, Version } from '../driver.js';
import { KEYS, keyOf } from '../keys.js';
import { assertHeld, checksOf, type Fences } from './fences.js';
import { type Json, parsed } from './json.js';

/** A turn as it was when it was first begun: whoever runs it again runs the same. */
export interface FrozenTurn {
  /** Names the turn for ever. */
  readonly key: string;
  /** The ids of the messages that it answers. */
  readonly messages: readonly string[];
}

/** All that is known of a frozen turn. */
export interface StoredTurn {
  /** As it was frozen; null when that is forgotten. */
  readonly batch: Json;
  /** What its steps gave, by their names. */
  readonly results: ReadonlyMap<string, Json>;
}

/** What a step of a turn gave. */
export interface StepResult {
  readonly value: Json;
}

/** What the turns of a conversation have left behind. */
export interface TurnRecord {
  /** Turns that are not finished, oldest first: the one under way, and those that were put aside because they kept failing. */
  readonly turns: readonly FrozenTurn[];
  /** Ids of the messages of the turns that were finished last, the newest last. Who is given one of them again has handled it. */
  readonly finished: readonly string[];
  /** What the bot keeps of the conversation; null when that is nothing. */
  readonly session: Json;
}

/** What remains of a turn that is over. */
export interface TurnOutcome {
  /** The ids of its messages. The last hundred of a conversation are remembered, and all of the last turn. */
  readonly messages: readonly string[];
  /** What the bot keeps of the conversation from now on; null: nothing. Default: what it kept before. */
  readonly session?: Json | undefined;
  /** The names of all its steps, where they are known: then they need not be looked for. */
  readonly steps?: readonly string[] | undefined;
}

/**
 * The turns of each conversation: the frozen batch of the one under way, the results of what it must do once, and what the
 * finished ones have left. Of two that write the same first, one wins, and both are told what stands.
 */
export interface StepStore {
  open(conversationId: string): Promise<TurnRecord>;
  /**
   * @param batch What the turn needs to run again.
   * @returns The turn of this key that is frozen now: this one, or the one that was frozen before.
   */
  freeze(conversationId: string, turn: FrozenTurn, batch: Json): Promise<FrozenTurn>;
  /** The turn of this key holds these messages from now on: it was interrupted by others, which it takes in. Its results stay. */
  widen(conversationId: string, turn: FrozenTurn, batch: Json): Promise<void>;
  load(conversationId: string, turnKey: string): Promise<StoredTurn>;
  /** @returns What is recorded now: this value, or the one that was recorded before. */
  record(conversationId: string, turnKey: string, step: string, value: Json): Promise<StepResult>;
  /**
   * The turn is over: all at once its batch is forgotten, its messages are remembered as finished, and the session is written.
   * Its results are forgotten. Does nothing for a turn that is not frozen.
   */
  finish(conversationId: string, turnKey: string, outcome: TurnOutcome): Promise<void>;
}

/** A turn that nobody finishes is forgotten after thirty days, as is what was finished last. A session stays. */
const KEEP_MS = 30 * 86_400_000;
/** Results that are read or forgotten in one go. */
const PAGE = 500;
const FINISHED_REMEMBERED = 100;
/** Conversations whose entries are kept at hand: most have a turn every now and then. */
const KNOWN = 1_000;

/** As it is written. */
interface TurnEntry {
  readonly turns: readonly FrozenTurn[];
  readonly finished: readonly string[];
}

interface ReadEntry extends TurnEntry {
  readonly version: Version | null;
}

/** The steps of a bot's turns, on any engine. */
export class DriverSteps implements StepStore {
  /** The entries of conversations that were read or written last. One that somebody else has changed since is refused when it is written. */
  private readonly known = new Map<string, ReadEntry>();

  constructor(
    private readonly driver: StoreDriver,
    private readonly fences?: Fences,
  ) {}

  async open(conversationId: string): Promise<TurnRecord> {
    const keys = [await keyOf(KEYS.turn, conversationId), await keyOf(KEYS.session, conversationId)];
    const [turn, session] = await this.driver.get(keys);
    const entry = this.entryOf(keys[0] as string, turn?.text);
    const { turns, finished } = entry;
    this.know(conversationId, { ...entry, version: turn?.version ?? null });
    return {
      turns,
      finished,
      session: session == null ? null : this.parse(keys[1] as string, session.text),
    };
  }

  async freeze(conversationId: string, { key, messages }: FrozenTurn, batch: Json): Promise<FrozenTurn> {
    const turn = { key, messages };
    const at = await batchOf(key);
    const beside: Change = { do: 'put', key: at, text: JSON.stringify(batch), expiresInMs: KEEP_MS };
    for (;;) {
      const { turns, finished, version } = await this.read(conversationId);
      const standing = turns.find((other) => other.key === key);
      if (standing !== undefined) return standing;
      if (await this.put(conversationId, { turns: [...turns, turn], finished }, version, [beside]))
        return turn;
    }
  }

  async widen(conversationId: string, { key, messages }: FrozenTurn, batch: Json): Promise<void> {
    const text = JSON.stringify(batch);
    const beside: Change = { do: 'put', key: await batchOf(key), text, expiresInMs: KEEP_MS };
    for (;;) {
      const { turns, finished, version } = await this.read(conversationId);
      const others = turns.filter((turn) => turn.key !== key);
      const entry = { turns: [...others, { key, messages }], finished };
      if (await this.put(conversationId, entry, version, [beside])) return;
    }
  }

  async load(_conversationId: string, turnKey: string): Promise<StoredTurn> {
    const results = new Map<string, Json>();
    let batch: Json = null;
    const prefix = await stepsOf(turnKey);
    const batchAt = await batchOf(turnKey);
    for (let after: string | null = null; ; ) {
      const entries = await this.driver.list(prefix, after, PAGE);
      for (const { key, text } of entries) {
        const stored = this.parse(key, text);
        if (key === batchAt) {
          batch = stored;
          continue;
        }
        const { step, value } = stored as { readonly step: string; readonly value: Json };
        results.set(step, value);
      }
      after = entries.at(-1)?.key ?? null;
      if (entries.length < PAGE) return { batch, results };
    }
  }

  async record(conversationId: string, turnKey: string, step: string, value: Json): Promise<StepResult> {
    const key = await keyOf(await stepsOf(turnKey), step);
    const text = JSON.stringify({ step, value });
    for (;;) {
      const put = { do: 'put', key, text, ifVersion: null, expiresInMs: KEEP_MS } as const;
      if ((await this.write(conversationId, [put])) !== null) return { value };
      const [stored] = await this.driver.get([key]);
      if (stored != null) return { value: (this.parse(key, stored.text) as unknown as StepResult).value };
    }
  }

  async finish(
    conversationId: string,
    turnKey: string,
    { messages, session, steps }: TurnOutcome,
  ): Promise<void> {
    const beside = await this.forgettingOf(turnKey, steps);
    if (session !== undefined) beside.push(await sessionChange(conversationId, session));
    for (;;) {
      const { turns, finished, version } = await this.read(conversationId);
      const others = turns.filter(({ key }) => key !== turnKey);
      if (others.length === turns.length) break;
      const remembered = [...finished, ...messages].slice(-Math.max(FINISHED_REMEMBERED, messages.length));
      if (await this.put(conversationId, { turns: others, finished: remembered }, version, beside)) break;
    }
    if (steps === undefined) await this.forgetResults(conversationId, turnKey);
  }

  private async forgettingOf(turnKey: string, steps: readonly string[] | undefined): Promise<Change[]> {
    if (steps === undefined) return [];
    const prefix = await stepsOf(turnKey);
    const keys = [await batchOf(turnKey), ...(await Promise.all(steps.map((step) => keyOf(prefix, step))))];
    return keys.map((key) => ({ do: 'delete', key }));
  }

  /** After a crash in here some stay, until they expire: they are nobody's, since a key is never used again. */
  private async forgetResults(conversationId: string, turnKey: string): Promise<void> {
    const prefix = await stepsOf(turnKey);
    for (;;) {
      const steps = await this.driver.list(prefix, null, PAGE);
      if (steps.length > 0)
        await this.write(
          conversationId,
          steps.map(({ key }) => ({ do: 'delete', key })),
        );
      if (steps.length < PAGE) return;
    }
  }

  private async read(conversationId: string): Promise<ReadEntry> {
    const known = this.known.get(conversationId);
    if (known !== undefined) return known;
    const key = await keyOf(KEYS.turn, conversationId);
    const [entry] = await this.driver.get([key]);
    return { ...this.entryOf(key, entry?.text), version: entry?.version ?? null };
  }

  private know(conversationId: string, entry: ReadEntry): void {
    this.known.delete(conversationId);
    this.known.set(conversationId, entry);
    if (this.known.size <= KNOWN) return;
    for (const oldest of this.known.keys()) {
      this.known.delete(oldest);
      return;
    }
  }

  /** @returns False when somebody else has changed it since it was read. */
  private async put(
    conversationId: string,
    entry: TurnEntry,
    ifVersion: Version | null,
    beside: readonly Change[] = [],
  ): Promise<boolean> {
    const key = await keyOf(KEYS.turn, conversationId);
    const text = JSON.stringify(entry);
    this.known.delete(conversationId);
    const put = { do: 'put', key, text, ifVersion, expiresInMs: KEEP_MS } as const;
    const version = await this.write(conversationId, [put, ...beside]);
    if (version !== null) this.know(conversationId, { ...entry, version });
    return version !== null;
  }

  /**
   * @returns Null when a condition of the changes did not hold.
   * @throws StoreError `lease_lost` when the conversation is somebody else's (REP-2).
   */
  private async write(conversationId: string, changes: readonly Change[]): Promise<Version | null> {
    const { driver, fences } = this;
    const checks = checksOf(fences, [conversationId]);
    const version = await driver.write([...checks, ...changes]);
    if (version === null && fences !== undefined) await assertHeld(driver, fences, checks);
    return version;
  }

  private entryOf(key: string, text: string | undefined): TurnEntry {
    return text === undefined ? { turns: [], finished: [] } : (this.parse(key, text) as unknown as TurnEntry);
  }

  private parse(key: string, text: string): Json {
    return parsed(this.driver.engine, key, text) as Json;
  }
}

async function sessionChange(conversationId: string, session: Json): Promise<Change> {
  const key = await keyOf(KEYS.session, conversationId);
  return session === null ? { do: 'delete', key } : { do: 'put', key, text: JSON.stringify(session) };
}

async function stepsOf(turnKey: string): Promise<string> {
  return `${await keyOf(KEYS.step, turnKey)}/`;
}

/** Beside the steps of its turn, under a name that no step can have. */
async function batchOf(turnKey: string): Promise<string> {
  return `${await stepsOf(turnKey)}~batch`;
}
