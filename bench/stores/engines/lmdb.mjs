import { open as openLmdb } from 'lmdb';
import { lmdbStore } from '../../../dist/stores/lmdb.js';

export const open = (path) => lmdbStore({ path });

/** What the engine costs by itself: a write that has reached the disk. */
export async function bareWriter(path) {
  const db = openLmdb({ path, encoding: 'string' });
  return {
    async write(key, text) {
      await db.put(key, text);
      await db.flushed;
    },
    close: () => db.close(),
  };
}
