import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../../errors/index.js';
import { ENGINE } from './faults.js';

/** Where the first page of LMDB's file says what it is, and the number there: `lmdb.h`, data format 2. */
const MAGIC_AT = 24;
const MAGIC = 0xbe_ef_c0_de;
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const HEAD_LENGTH = 152;

/**
 * Looks at the head of the file before LMDB maps it: a file that is something else, or that has been cut, would end the process by a signal
 * instead of an error.
 *
 * @throws StoreError `corrupt`.
 */
export async function checkFile(folder: string): Promise<void> {
  const file = await open(join(folder, 'data.mdb')).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return;
  try {
    const { size } = await file.stat();
    if (size === 0) return;
    const head = Buffer.alloc(HEAD_LENGTH);
    const { bytesRead } = await file.read(head, 0, HEAD_LENGTH, 0);
    const isLmdb = bytesRead === HEAD_LENGTH && head.readUInt32LE(MAGIC_AT) === MAGIC;
    if (!isLmdb) throw new StoreError({ engine: ENGINE, fault: 'corrupt' });
    const pages = Number(head.readBigUInt64LE(LAST_PAGE_AT)) + 1;
    // Pages at the end may never have been written, so only a file that lacks most of them has surely been cut.
    if (size < (pages * head.readUInt32LE(PAGE_SIZE_AT)) / 2) {
      const advice = 'Its file has been cut. Restore it from a backup, or start with an empty folder.';
      throw new StoreError({ engine: ENGINE, fault: 'corrupt', advice });
    }
  } finally {
    await file.close();
  }
}
