import type { Schema } from '../schemas/index.js';

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Whether a call may be sent again when nobody knows what became of it.
 *
 * - `always`: repeating it changes nothing that the first time did not, whether by its method, by an id in its body, or
 *   by what it asks for.
 * - `with-idempotency-key`: only under the same `Idempotency-Key`.
 * - `never`: every time counts (a mail is sent, an attempt is used up).
 */
export type Repeatable = 'always' | 'with-idempotency-key' | 'never';

/** What a request carries: nothing, JSON of a known form, or raw bytes. */
export type RequestBody =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'json';
      readonly schema: Schema;
      /** Says yes only to what the schema takes, and says it faster. */
      readonly surelyFits?: (value: unknown) => boolean;
    }
  | { readonly kind: 'bytes'; readonly maxBytes: number };

/** One thing that the service can be asked, and everything that client and server have to agree on about it. */
export interface Endpoint {
  readonly method: HttpMethod;
  /** Below the base URL, with `{name}` where a value goes. */
  readonly path: string;
  /** `key`: needs `Authorization: Bearer <key>`. */
  readonly auth: 'key' | 'none';
  readonly repeatable: Repeatable;
  /** What a server answers; the first is the usual one. A client takes any 2xx, and 302 where it is listed. */
  readonly success: readonly number[];
  readonly body: RequestBody;
  /** The query, with numbers as numbers: see `encodeQuery` and `decodeQuery`. */
  readonly query: Schema | null;
  /** The body of a success. `null`: nothing is promised about it. */
  readonly response: Schema | null;
}

export const NO_BODY: RequestBody = { kind: 'none' };
