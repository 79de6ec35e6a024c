/** Who is measured. `name` is a module in `contenders/`. */
export interface Contender {
  readonly name: 'raw' | 'ours' | 'official';
  readonly title: string;
}

export const RAW: Contender = { name: 'raw', title: 'ws + JSON.parse' };
export const OURS: Contender = { name: 'ours', title: 'agentchat-client' };
export const OFFICIAL: Contender = { name: 'official', title: 'agentchatme' };

/** The raw loop first, then ours, then the official one. */
export const ALL: readonly Contender[] = [RAW, OURS, OFFICIAL];
