import { describe, expect, it } from 'vitest';
import { MUTATIONS } from './list.js';
import { mutatedSource } from './mutant.js';

describe('the mutations that the simulation has to catch', () => {
  it('are many, each with a name of its own', () => {
    expect(MUTATIONS.length).toBeGreaterThanOrEqual(50);
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });

  it.each(MUTATIONS.map((mutation) => [mutation.rule, mutation.name, mutation] as const))(
    '%s: "%s" still fits the source',
    (_rule, _name, mutation) => {
      expect(mutation.instead).not.toBe(mutation.text);
      expect(() => mutatedSource(mutation)).not.toThrow();
    },
  );
});
