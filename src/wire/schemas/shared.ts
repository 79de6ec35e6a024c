import * as z from 'zod/mini';
import { normalizeHandle } from '../handles.js';

/** Any schema whose values are `Value`. */
export type Schema<Value = unknown> = z.ZodMiniType<Value>;

/**
 * An enumeration that may grow: any string passes, and the type still names the known values.
 * @__NO_SIDE_EFFECTS__
 */
export function open<Enumeration extends string>(): Schema<Enumeration> {
  return z.string() as unknown as Schema<Enumeration>;
}

/**
 * A schema with further checks. As a function of ours rather than a method it can be marked pure, so that a bundler drops
 * the schemas that a program does not use.
 * @__NO_SIDE_EFFECTS__
 */
export function checked<Base extends z.ZodMiniType>(
  base: Base,
  ...checks: (z.core.CheckFn<z.output<Base>> | z.core.$ZodCheck<z.output<Base>>)[]
): Base {
  return base.check(...checks);
}

/**
 * A field that the published type promises, as the official types do, though some servers leave it out: its absence is no
 * mismatch.
 * @__NO_SIDE_EFFECTS__
 */
export function promised<Base extends z.ZodMiniType>(base: Base): Base {
  return z.exactOptional(base) as unknown as Base;
}

/**
 * The type says `true`, which is what the service means; `false` would be no mismatch either.
 * @__NO_SIDE_EFFECTS__
 */
export function yes(): Schema<true> {
  return z.boolean() as unknown as Schema<true>;
}

/** A string that says something. */
export const filled = checked(z.string(), z.minLength(1, 'must not be empty'));

/** A point in time as the service writes it. Two spellings of ISO 8601 are in use, so only `Date.parse` may judge. */
export const timestamp = z.string();

/** The same, where it comes from us. */
export const validTimestamp = checked(
  z.string(),
  z.refine((value) => !Number.isNaN(Date.parse(value)), 'must be a time in ISO 8601'),
);

/** A whole number from 0 on. */
export const count = checked(z.int(), z.minimum(0, 'must be 0 or more'));

/**
 * A handle that addresses somebody: `@` and capitals are fine, and whether an agent of that name exists is the service's to
 * say.
 */
export const handleReference = checked(
  z.string(),
  z.refine((value) => normalizeHandle(value) !== '', 'must be a handle'),
);

/** Fields whose names and values the wire leaves open. */
export const fields = z.record(z.string(), z.unknown());
