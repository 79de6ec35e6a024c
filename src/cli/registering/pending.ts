import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivately } from '../../credentials/index.js';
import { UsageError } from '../failure.js';

/** A registration that waits for its code. */
export interface Pending {
  readonly pendingId: string;
  readonly handle: string;
  readonly baseUrl: string;
}

const fileOf = (home: string) => join(home, 'pending.json');

export async function keepPending(home: string, { pendingId, handle, baseUrl }: Pending): Promise<void> {
  const held = { pending_id: pendingId, handle, api_base: baseUrl };
  await writePrivately(fileOf(home), `${JSON.stringify(held, null, 2)}\n`);
}

export async function forgetPending(home: string): Promise<void> {
  await rm(fileOf(home), { force: true });
}

/** @throws UsageError when none waits. */
export async function readPending(home: string): Promise<Pending> {
  try {
    const held = JSON.parse(await readFile(fileOf(home), 'utf8'));
    const { pending_id: pendingId, handle, api_base: baseUrl } = held ?? {};
    if ([pendingId, handle, baseUrl].every((value) => typeof value === 'string')) {
      return { pendingId, handle, baseUrl };
    }
  } catch {
    // Whatever is there instead: no registration.
  }
  throw new UsageError('No registration waits for a code. Begin with --email and --handle.');
}
