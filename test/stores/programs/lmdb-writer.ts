// A process that has an LMDB store and writes numbers, one after the other, into as many values at once as it is told.
import { lmdbStore } from '../../../src/stores/lmdb/index.js';

export interface LmdbWriterSetup {
  readonly path: string;
  /** Numbers that are written; then it waits. */
  readonly count: number;
  /** Characters of padding in each value. */
  readonly padding: number;
  /** Works as nobody, who may do little, where the test is run by somebody who may do everything. */
  readonly asNobody?: boolean;
}

const NOBODY = 65_534;

export type LmdbWriterTold =
  | { readonly kind: 'open' }
  /** It was written, as far as the store says. */
  | { readonly kind: 'written'; readonly n: number }
  | { readonly kind: 'failed'; readonly fault: string; readonly message: string };

const { path, count, padding, asNobody = false }: LmdbWriterSetup = JSON.parse(process.argv[2] ?? '{}');
const tell = (told: LmdbWriterTold) => process.send?.(told);
const fail = (error: unknown) => {
  const { fault, message } = error as { fault?: string; message: string };
  tell({ kind: 'failed', fault: String(fault), message });
};

process.on('disconnect', () => process.exit());
try {
  if (asNobody && process.getuid?.() === 0) {
    // Loaded before it may not read the package any more.
    await import('lmdb');
    process.seteuid?.(NOBODY);
  }
  const store = await lmdbStore({ path });
  tell({ kind: 'open' });
  const filler = 'x'.repeat(padding);
  for (let n = 0; n < count; n += 1) {
    const pair = [store.values.set(`number/${n}`, { n, filler }), store.values.set('newest', n)];
    try {
      await Promise.all(pair);
      tell({ kind: 'written', n });
    } catch (error) {
      fail(error);
      break;
    }
  }
} catch (error) {
  fail(error);
}
// The channel to the test keeps it alive.
process.on('message', () => undefined);
