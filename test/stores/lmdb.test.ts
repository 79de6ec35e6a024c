import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lmdbStore } from '../../src/stores/lmdb/index.js';
import { openLmdbDriver } from '../../src/stores/lmdb/lmdb-driver.js';
import { describeDriver } from './suite/driver-suite.js';
import { describeStore } from './suite/store-suite.js';

function newFolder(): { path: string; end(): Promise<void> } {
  const path = mkdtempSync(join(tmpdir(), 'agentchat-lmdb-'));
  return { path, end: async () => rmSync(path, { recursive: true, force: true }) };
}

describeDriver('LMDB', false, async () => {
  const { path, end } = newFolder();
  return { open: () => openLmdbDriver({ path }), end };
});
describeStore('LMDB', { isDurable: true, isShared: false }, async () => {
  const { path, end } = newFolder();
  return { open: (options) => lmdbStore({ path, ...options }), end };
});
