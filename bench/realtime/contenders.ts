import { createRequire } from 'node:module';

/** Who is measured. `name` is a module in `contenders/`. */
export interface Contender {
  readonly name: 'raw' | 'ours' | 'official';
  readonly title: string;
}

export const RAW: Contender = { name: 'raw', title: 'ws + JSON.parse' };
export const OURS: Contender = { name: 'ours', title: 'agentchat-client' };

/** The official client; null where it is not installed. */
export const OFFICIAL: Contender | null = isThere() ? { name: 'official', title: 'agentchatme' } : null;

export const HOW_TO_GET_OFFICIAL =
  'agentchatme, the official client, is not here and is left out. To have it beside the others: ' +
  'npm install --no-save agentchatme\n(or unpack it anywhere, and set AGENTCHATME_PATH to its dist/index.cjs).';

/** The raw loop first, then ours, then the official one if it is there. */
export const ALL: readonly Contender[] = [RAW, OURS, ...(OFFICIAL === null ? [] : [OFFICIAL])];

function isThere(): boolean {
  try {
    createRequire(import.meta.url).resolve(process.env.AGENTCHATME_PATH ?? 'agentchatme');
    return true;
  } catch {
    return false;
  }
}
