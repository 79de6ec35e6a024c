import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writePrivately } from '../../src/credentials/index.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentchat-private-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('a private file is written past whatever stands beside it, for its owner alone', async () => {
  const path = join(folder, 'credentials');
  const elsewhere = join(folder, 'elsewhere');
  await writeFile(elsewhere, 'not ours', { mode: 0o644 });
  // What a process that knows ours, or an earlier one of its number, may have left there.
  await symlink(elsewhere, `${path}.${process.pid}.tmp`);
  await writePrivately(path, 'a key');
  expect(await readFile(elsewhere, 'utf8')).toBe('not ours');
  expect([await readFile(path, 'utf8'), (await stat(path)).mode & 0o777]).toEqual(['a key', 0o600]);
  await writePrivately(path, 'another key');
  expect(await readFile(path, 'utf8')).toBe('another key');
  expect((await readdir(folder)).sort()).toEqual([
    'credentials',
    `credentials.${process.pid}.tmp`,
    'elsewhere',
  ]);
});
