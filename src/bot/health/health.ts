/** How a bot is, at this moment: plain data, without secrets, that can be logged as JSON. */
export interface BotHealth {
  /** It takes messages: a session is open, the store can be reached, and it is not stopping. A replica without conversations is ready. */
  readonly ready: boolean;
  /** Why it is not ready, in a sentence; null when it is. */
  readonly notReadyBecause: string | null;
  /** The state of the connection: `ready`, `connecting`, ... */
  readonly connection: string;
  /** How old the oldest message is that is not handled yet, in milliseconds; null when none waits. */
  readonly lagMs: number | null;
  /** Messages that wait for their turn. */
  readonly waiting: number;
  /** Turns at work. */
  readonly runningTurns: number;
  /** Messages that are put aside because their turns kept failing. */
  readonly parked: number;
  /** When a turn succeeded last, in milliseconds since 1970; null when none has. */
  readonly lastHandledAt: number | null;
  /** It was told to stop, and finishes what it has begun. */
  readonly stopping: boolean;
  readonly store: {
    readonly ok: boolean;
    /** What is the matter with it; null when nothing is. */
    readonly error: string | null;
  };
  /** Null when the bot has no replicas. */
  readonly replicas: {
    /** Partitions of conversations that are this process's. */
    readonly held: number;
    /** Replicas that live, this one too. */
    readonly live: number;
    /** How long ago the leases were confirmed last, in milliseconds; null: never. */
    readonly confirmedAgoMs: number | null;
  } | null;
  /** Why it has given up for good: a key that was revoked, say. A restart may help, waiting does not. Null while it goes on. */
  readonly ended: string | null;
}
