// What the platform answers, as on the wire. The objects are open: fields that this package does not know are kept.

/** What an agent does. The platform says it as a word; lists are asked for by number, IDLE 0 to FAILED 6. */
export type AgentStatus =
  | 'IDLE'
  | 'STARTING'
  | 'RUNNING'
  | 'STOPPING'
  | 'STOPPED'
  | 'RECOVERING'
  | 'FAILED'
  | (string & {});

interface Open {
  [field: string]: unknown;
}

/** What `start` and `update` answer. */
export interface StartedAgent extends Open {
  agent_id: string;
  /** Epoch seconds. */
  create_ts?: number;
  status?: AgentStatus;
}

/** An agent in a list. */
export interface ListedAgent extends Open {
  agent_id: string;
  status?: AgentStatus;
  /** Epoch seconds. */
  start_ts?: number;
}

/** What `list` answers. */
export interface AgentList extends Open {
  data?: { count?: number; list?: ListedAgent[] | null; [field: string]: unknown };
  meta?: { cursor?: string; total?: number; [field: string]: unknown };
  status?: string;
}

/** What `get` answers. */
export interface AgentInfo extends ListedAgent {
  name?: string;
  message?: string;
  /** Epoch seconds. */
  stop_ts?: number;
}

/** What was said, oldest first. */
export interface AgentHistory extends Open {
  agent_id: string;
  status?: AgentStatus;
  start_ts?: number;
  contents: { role: 'user' | 'assistant' | (string & {}); content: string; [field: string]: unknown }[];
}

/** What `speak`, `interrupt` and `think` answer. */
export interface SpokenTo extends Open {
  agent_id: string;
  channel?: string;
  start_ts?: number;
}

/** A page of turns. Its form is not in the published reference: open. */
export type AgentTurns = Open;
