import { refused } from './attack.js';
import { BODY, headerOf, now, T } from './genuine.js';

/** Honestly signed, but when? */
const at = (timestamp: number) => ({ signature: headerOf(BODY, timestamp) });

refused('timestamp_skew', [
  ['a request that is a second too old', () => at(T - 301)],
  ['a request that is a second too far ahead', () => at(T + 301)],
  ['a request of yesterday, recorded and sent again', () => at(T - 86_400)],
  ['a request that is made to last, from the next century', () => at(T + 3_000_000_000)],
  ['a request of 1970', () => at(0)],
  ['a time in milliseconds', () => at(T * 1_000)],
  ['the largest time that is read', () => at(999_999_999_999_999)],
  ['a request that is a moment too old', () => ({ now: () => now() + 300_001 })],
  ['a request that is a moment too far ahead', () => ({ now: () => now() - 300_001 })],
  ["a request beyond a tolerance of the receiver's own", () => ({ ...at(T - 11), toleranceSeconds: 10 })],
  [
    "a request ahead beyond a tolerance of the receiver's own",
    () => ({ ...at(T + 11), toleranceSeconds: 10 }),
  ],
  ['a request beyond a tolerance of a fraction', () => ({ ...at(T - 1), toleranceSeconds: 0.5 })],
  ['a clock that says NaN', () => ({ now: () => Number.NaN })],
  ['a clock that says nothing', () => ({ now: () => undefined })],
  ['a clock that says infinity', () => ({ now: () => Number.POSITIVE_INFINITY })],
  ['a clock that says minus infinity', () => ({ now: () => Number.NEGATIVE_INFINITY })],
  ['a clock that says a word', () => ({ now: () => 'noon' })],
  [
    'an old request with a wrong digest: the time is looked at first',
    () => ({ signature: `t=${T - 301},v1=${'0'.repeat(64)}` }),
  ],
  [
    'an old request without JSON: the time is looked at first',
    () => ({ payload: '{', signature: headerOf('{', T - 301) }),
  ],
  [
    'an old request with half a character',
    () => ({ payload: '\ud800', signature: headerOf('\ufffd', T - 301) }),
  ],
]);
