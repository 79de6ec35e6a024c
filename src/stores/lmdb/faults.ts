import { StoreError, type StoreFault } from '../../errors/index.js';

export const ENGINE = 'LMDB';

/** What LMDB and the system say, by code or by a part of the message. A write that the disk took half of is an input/output error. */
const FAULTS: readonly (readonly [RegExp, StoreFault, string?])[] = [
  [
    /MDB_MAP_FULL|ENOSPC|EDQUOT|EFBIG|No space left|quota|File too large|Input\/output error/i,
    'full',
    'Free some disk space, and check the disk. It goes on by itself.',
  ],
  [/MDB_VERSION_MISMATCH/, 'newer', 'Update lmdb and this package.'],
  [/MDB_INVALID|MDB_CORRUPTED|MDB_PAGE_NOTFOUND|MDB_PANIC|not an LMDB file/i, 'corrupt'],
  [
    /EROFS|EACCES|EPERM|Permission denied|Read-only/i,
    'read_only',
    'Give this process the right to write to the folder.',
  ],
  [/closed/i, 'closed'],
];

/** What LMDB rejects with, as an error of ours. */
export function storeErrorOf(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const { code, message } = (cause ?? {}) as { code?: unknown; message?: unknown };
  const said = `${String(code)} ${String(message)}`;
  const [, fault, advice] = FAULTS.find(([pattern]) => pattern.test(said)) ?? [null, 'failed' as const];
  return new StoreError({ engine: ENGINE, fault, advice, cause });
}
