import { describe, expect, it } from 'vitest';
import { parseHttpDate, parseRetryAfter } from '../../src/errors/index.js';

const NOW = Date.UTC(2026, 10, 21, 12, 0, 0);
const at = (raw: string) => parseRetryAfter(raw, NOW);

describe('Retry-After', () => {
  it.each([
    ['0', 0],
    ['1', 1_000],
    ['007', 7_000],
    [' 5\t', 5_000],
    ['3600', 3_600_000],
    ['2147483647', 2_147_483_647_000],
    ['2147483648', 2_147_483_648_000],
    ['100000000000000000000', Number.MAX_SAFE_INTEGER],
    ['9'.repeat(400), Number.MAX_SAFE_INTEGER],
  ])('%s seconds', (raw, expected) => expect(at(raw)).toBe(expected));

  it.each([
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
    ['Sat Nov 21 12:00:30 2026', 30_000],
    ['Tue Dec  1 12:00:00 2026', 10 * 86_400_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['Sunday, 06-Nov-94 08:49:37 GMT', 0],
    ['Wed, 31 Dec 9999 23:59:59 GMT', Date.UTC(9999, 11, 31, 23, 59, 59) - NOW],
  ])('the date %s', (raw, expected) => expect(at(raw)).toBe(expected));

  it.each([
    '',
    ' ',
    '1.5',
    '60s',
    '-1',
    '+1',
    '1e3',
    '0x10',
    'soon',
    'Infinity',
    '1, 2',
    '2026-11-21T12:00:30Z',
    'Sat, 21 Nov 2026 12:00:30 +0100',
    'Sat, 21 Nov 2026 12:00:30 UTC',
    'sat, 21 nov 2026 12:00:30 gmt',
    'Sat, 21 Nov 2026 25:00:30 GMT',
    'Sat, 21 Nov 2026 12:60:30 GMT',
    'Sat, 31 Feb 2026 12:00:30 GMT',
    'Sat, 00 Nov 2026 12:00:30 GMT',
    'Sat, 21 Foo 2026 12:00:30 GMT',
    'Sat,  21 Nov 2026 12:00:30 GMT',
    'Sat, 1 Nov 2026 12:00:30 GMT',
  ])('ignores %j', (raw) => expect(at(raw)).toBeNull());

  it('is null when missing', () => {
    expect(parseRetryAfter(null)).toBeNull();
    expect(parseRetryAfter(undefined)).toBeNull();
  });

  it('reads a two-digit year as the nearest past or at most 50 years ahead', () => {
    expect(parseHttpDate('Saturday, 21-Nov-76 00:00:00 GMT', NOW)).toBe(Date.UTC(2076, 10, 21));
    expect(parseHttpDate('Saturday, 21-Nov-77 00:00:00 GMT', NOW)).toBe(Date.UTC(1977, 10, 21));
  });

  it('takes a leap second', () => {
    expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', NOW)).toBe(Date.UTC(2017, 0, 1));
  });
});
