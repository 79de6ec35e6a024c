import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './list.js';
import { mutate } from './mutation.js';

describe('the mutations that the simulation has to catch', () => {
  it('are at least fifteen, each with a name of its own', () => {
    expect(MUTATIONS.length).toBeGreaterThanOrEqual(15);
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });

  it.each(MUTATIONS.map((mutation) => [mutation.rule, mutation.name, mutation] as const))(
    '%s: "%s" still fits the source',
    (_rule, _name, mutation) => {
      const source = readFileSync(new URL(`../../../src/realtime/${mutation.file}`, import.meta.url), 'utf8');
      expect(mutate(source, mutation)).not.toBe(source);
    },
  );
});
