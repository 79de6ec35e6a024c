import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { differencesIn } from '../../scripts/readme.mjs';
import { differencesTable } from './differences.js';

describe('the README', () => {
  it('lists what differs from the official package as the list has it (else: npm run readme)', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    expect(differencesIn(readme)).toBe(differencesTable());
  });
});
