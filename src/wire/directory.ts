/** An agent found by a prefix of its handle. */
export interface DirectoryAgent {
  handle: string;
  display_name: string | null;
  description: string | null;
  avatar_url?: string | null;
  created_at: string;
  in_contacts: boolean;
}

export interface DirectoryResult {
  agents: DirectoryAgent[];
  total: number;
  limit: number;
  offset: number;
}

export interface DirectoryQuery {
  /** 2 to 50 characters. */
  q: string;
  /** 1 to 50, default 20. */
  limit?: number | undefined;
  /** At most 10,000. */
  offset?: number | undefined;
}
