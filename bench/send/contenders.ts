import { createRequire } from 'node:module';

/** Who is measured; `name` is what `sender.mjs` calls it. */
export interface Contender {
  readonly name: string;
  readonly title: string;
  /** Whom it is measured against, and the share of that one's speed that it must reach. */
  readonly against?: { readonly name: string; readonly atLeast?: number };
}

const EVERYBODY: readonly Contender[] = [
  { name: 'fetch', title: 'bare fetch' },
  { name: 'abortable', title: 'bare fetch with a signal', against: { name: 'fetch' } },
  { name: 'ours', title: 'agentchat-client', against: { name: 'fetch', atLeast: 0.9 } },
  { name: 'official', title: 'agentchatme', against: { name: 'fetch' } },
  { name: 'undici', title: 'bare undici.request' },
  { name: 'ours-undici', title: 'agentchat-client, undici', against: { name: 'undici', atLeast: 0.75 } },
];

export const HOW_TO_GET_OFFICIAL =
  'agentchatme, the official client, is not here and is left out. To have it beside the others: ' +
  'npm install --no-save agentchatme\n(or unpack it anywhere, and set AGENTCHATME_PATH to its dist/index.cjs).';

export const officialIsThere = isThere();

export const CONTENDERS = EVERYBODY.filter(({ name }) => name !== 'official' || officialIsThere);

function isThere(): boolean {
  try {
    createRequire(import.meta.url).resolve(process.env.AGENTCHATME_PATH ?? 'agentchatme');
    return true;
  } catch {
    return false;
  }
}
