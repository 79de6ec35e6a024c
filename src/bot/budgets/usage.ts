import type { Json } from '../../stores/index.js';
import type { Spendable } from './options.js';

/** What was used of each. */
export type Spending = { readonly [What in Spendable]?: number | undefined };

/**
 * What was used lately, in slots of a tenth of the window each, the newest last. Small, plain JSON.
 */
export interface Usage {
  /** How long a slot is, in milliseconds. */
  readonly slotMs: number;
  /** The number of the newest slot: its start divided by its length. */
  readonly newest: number;
  readonly slots: readonly Slot[];
}

type Slot = { readonly [What in Spendable]: number };

/** Slots of a window. One more is counted, because the window seldom begins with a slot. */
const PER_WINDOW = 10;
const COUNTED = PER_WINDOW + 1;
const NOTHING: Slot = { turns: 0, replies: 0, tokens: 0 };

/** What is stored, as it is now. What cannot be read, or was counted in another window, begins anew. */
export function usageOf(value: Json, windowMs: number, now: number): Usage {
  const slotMs = windowMs / PER_WINDOW;
  const current = Math.floor(now / slotMs);
  const stored = (value ?? {}) as { readonly [Name in keyof Usage]?: unknown };
  if (stored.slotMs !== slotMs || !Number.isSafeInteger(stored.newest) || !Array.isArray(stored.slots)) {
    return { slotMs, newest: current, slots: [NOTHING] };
  }
  const slots = stored.slots.slice(-COUNTED).map(slotOf);
  const behind = (stored.newest as number) - current;
  // The clock of another host is a little ahead: time stands still until ours is there.
  if (behind > 0 && behind <= COUNTED) return { slotMs, newest: stored.newest as number, slots };
  // Set back by more than that: what was used was used as long ago as before.
  const passed = Math.min(Math.max(0, -behind), COUNTED);
  const empty = Array.from({ length: passed }, () => NOTHING);
  return { slotMs, newest: current, slots: [...slots, ...empty].slice(-COUNTED) };
}

/** @returns The usage with what was used now. Numbers that are none, or less than 0, count as nothing. */
export function spent(usage: Usage, spending: Spending): Usage {
  const last = usage.slots.at(-1) ?? NOTHING;
  const slot = {
    turns: last.turns + amountOf(spending.turns),
    replies: last.replies + amountOf(spending.replies),
    tokens: last.tokens + amountOf(spending.tokens),
  };
  return { ...usage, slots: [...usage.slots.slice(0, -1), slot] };
}

/** How much of it was used within the window. */
export function usedOf(usage: Usage, what: Spendable): number {
  return usage.slots.reduce((sum, slot) => sum + slot[what], 0);
}

/** How long until less than `limit` was used of it, in milliseconds, if nothing more is. */
export function freeInMs(usage: Usage, what: Spendable, limit: number, now: number): number {
  const { slots, newest, slotMs } = usage;
  let left = usedOf(usage, what);
  for (const [place, slot] of slots.entries()) {
    if (left < limit) break;
    left -= slot[what];
    if (left >= limit && place < slots.length - 1) continue;
    const number = newest - (slots.length - 1 - place);
    return Math.max(0, (number + COUNTED) * slotMs - now);
  }
  return 0;
}

function slotOf(value: unknown): Slot {
  const { turns, replies, tokens } = (value ?? {}) as { readonly [What in Spendable]?: unknown };
  return { turns: amountOf(turns), replies: amountOf(replies), tokens: amountOf(tokens) };
}

function amountOf(value: unknown): number {
  return typeof value === 'number' && value > 0 && Number.isFinite(value) ? value : 0;
}
