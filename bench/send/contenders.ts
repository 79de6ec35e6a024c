/** Who is measured; `name` is what `sender.mjs` calls it. */
export interface Contender {
  readonly name: string;
  readonly title: string;
  /** Whom it is measured against, and the share of that one's speed that it must reach. */
  readonly against?: { readonly name: string; readonly atLeast?: number };
}

export const CONTENDERS: readonly Contender[] = [
  { name: 'fetch', title: 'bare fetch' },
  { name: 'abortable', title: 'bare fetch with a signal', against: { name: 'fetch' } },
  { name: 'ours', title: 'agentchat-client', against: { name: 'fetch', atLeast: 0.9 } },
  { name: 'official', title: 'agentchatme', against: { name: 'fetch' } },
  { name: 'undici', title: 'bare undici.request' },
  { name: 'ours-undici', title: 'agentchat-client, undici', against: { name: 'undici', atLeast: 0.75 } },
];
