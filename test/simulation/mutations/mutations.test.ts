import { describe, expect, it } from 'vitest';
import { page, rowsBelow } from '../../readme/pages.js';
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

  it('are those that docs/proof.md tells of', () => {
    const told = rowsBelow(page('docs/proof.md'), '## Would it notice?').map(
      ([rule, name]) => `${rule} ${name}`,
    );
    expect([...told].sort()).toEqual(MUTATIONS.map(({ rule, name }) => `${rule} ${name}`).sort());
  });
});
