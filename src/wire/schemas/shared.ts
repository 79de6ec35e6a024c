import * as v from 'valibot';
import { normalizeHandle } from '../handles.js';

/** What values of `Value` look like, in the terms of the schema library. */
type Form<Value> = v.BaseSchema<unknown, Value, v.BaseIssue<unknown>>;

/** Any schema whose values are `Value`. It is made when it is first asked for: few programs need more than a few. */
export type Schema<Value = unknown> = () => Form<Value>;

/**
 * A schema that is made when it is first asked for. Pure, so that a bundler drops what a program does not use.
 * @__NO_SIDE_EFFECTS__
 */
export function later<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** An enumeration that may grow: any string passes, and the type still names the known values. */
export function open<Enumeration extends string>(): Form<Enumeration> {
  return v.string() as unknown as Form<Enumeration>;
}

/**
 * Fields whose names and values the wire leaves open. The library would take an array for an object, and what JSON writes as
 * something else (a `Date`) or as nothing at all (a `Map`).
 */
export const fields = later(() =>
  v.custom<Record<string, unknown>>(
    (value) => Object.prototype.toString.call(value) === '[object Object]',
    'must be an object',
  ),
);

export type ObjectSchema<Entries extends v.ObjectEntries> = v.SchemaWithPipe<
  readonly [ReturnType<typeof fields>, v.LooseObjectSchema<Entries, undefined>]
>;

/** An object with these entries. Unknown ones pass. */
export function object<Entries extends v.ObjectEntries>(entries: Entries): ObjectSchema<Entries> {
  return v.pipe(fields(), v.looseObject(entries));
}

/** An object with the entries of another, and more. */
export function extended<Base extends v.ObjectEntries, More extends v.ObjectEntries>(
  base: ObjectSchema<Base>,
  more: More,
): ObjectSchema<Base & More> {
  return object({ ...base.pipe[1].entries, ...more });
}

/**
 * A field that the published type promises, as the official types do, though some servers leave it out: its absence is no
 * mismatch.
 */
export function promised<Base extends Form<unknown>>(base: Base): Base {
  return v.exactOptional(base) as unknown as Base;
}

/** The type says `true`, which is what the service means; `false` would be no mismatch either. */
export function yes(): Form<true> {
  return v.boolean() as unknown as Form<true>;
}

/** A number that JSON can carry. */
export const number = later(() => v.pipe(v.number(), v.finite()));

/** A whole number that keeps its value in JavaScript. */
export const whole = later(() =>
  v.pipe(
    v.number(),
    v.integer('must be a whole number'),
    v.maxValue(Number.MAX_SAFE_INTEGER, `must be ${Number.MAX_SAFE_INTEGER} or less`),
  ),
);

/** A string that says something. */
export const filled = later(() => v.pipe(v.string(), v.minLength(1, 'must not be empty')));

/** A point in time as the service writes it. Two spellings of ISO 8601 are in use, so only `Date.parse` may judge. */
export const timestamp = later(() => v.string());

/** The same, where it comes from us. */
export const validTimestamp = later(() =>
  v.pipe(
    v.string(),
    v.check((value) => !Number.isNaN(Date.parse(value)), 'must be a time in ISO 8601'),
  ),
);

/** A whole number from 0 on. */
export const count = later(() => v.pipe(whole(), v.minValue(0, 'must be 0 or more')));

/** How many rows a page may have. */
export function pageSize(most: number) {
  return v.pipe(whole(), v.minValue(1, 'must be 1 or more'), v.maxValue(most, `must be ${most} or less`));
}

/**
 * A handle that addresses somebody: `@` and capitals are fine, and whether an agent of that name exists is the service's to
 * say.
 */
export const handleReference = later(() =>
  v.pipe(
    v.string(),
    v.check((value) => normalizeHandle(value) !== '', 'must be a handle'),
  ),
);
