import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingPackages } from '../../scripts/install.mjs';

describe('what npm start and npm test install', () => {
  let root = '';
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'install-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const write = (path: string, value: unknown) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof value === 'string' ? value : JSON.stringify(value));
  };
  const wanted = {
    packages: {
      '': { name: 'root' },
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b-win32': { version: '1.0.0', optional: true },
    },
  };

  it('is everything on a fresh clone, except binaries of other platforms', () => {
    write('package-lock.json', wanted);
    expect(missingPackages(root)).toEqual(['node_modules/a']);
  });

  it('is nothing when node_modules holds what the lock file names', () => {
    write('package-lock.json', wanted);
    write('node_modules/a/package.json', {});
    write('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version: '1.0.0' } } });
    expect(missingPackages(root)).toEqual([]);
  });

  it('is what another version, a removed folder or a broken record leaves open', () => {
    write('package-lock.json', wanted);
    write('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version: '1.0.0' } } });
    expect(missingPackages(root)).toEqual(['node_modules/a']);
    write('node_modules/a/package.json', {});
    write('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version: '0.9.0' } } });
    expect(missingPackages(root)).toEqual(['node_modules/a']);
    write('node_modules/.package-lock.json', '{ "packages": ');
    expect(missingPackages(root)).toEqual(['node_modules/a']);
  });

  it('is nothing in this checkout, where the tests run', () => {
    expect(missingPackages(fileURLToPath(new URL('../..', import.meta.url)))).toEqual([]);
  });
});
