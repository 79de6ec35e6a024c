import type { Message } from 'agentchat-client';

/** What is written down of a message that a handler is called for. */
export type HandledMessage = Pick<Message, 'id' | 'conversation_id' | 'seq'>;

/** What a bot needs to run here, whichever client it is built on. */
export interface BotSetup {
  /** The bare handle that the bot has. */
  handle: string;
  apiKey: string;
  /** The REST address of the local server. */
  baseUrl: string;
  /** The WebSocket address, for a client that does not derive it. */
  wsUrl: string;
  /** `hand` tells apart who handles, where several do: see `Ledger`. */
  onStarted(message: HandledMessage, hand?: string): void;
  onFinished(message: HandledMessage, hand?: string): void;
  /** The hand can save nothing any more. */
  onDropped(hand: string): void;
  /** A trouble that the client reported, for the log. */
  onTrouble(text: string): void;
}

/** What the client itself says about the run; `undefined` where a client does not tell. */
export interface BotCounters {
  gapsOpened: number | undefined;
  gapsClosedByThemselves: number | undefined;
  gapsFilled: number | undefined;
  holes: number | undefined;
  reconnects: number;
  drainedRows: number;
}

export interface RunningBot {
  counters(): BotCounters;
  /** Everything is sent: what goes wrong on the side of the bot ends now. */
  calm?(): Promise<void>;
  /** Where the bot is several processes: what was done to them, and what came of it. */
  report?(): FleetReport;
  /** Where a platform thinks for the bot: what was done to its replies. */
  brain?(): BrainReport;
  stop(): Promise<void>;
}

/** How a platform was asked, and what it did instead of replying. */
export interface BrainReport {
  asked: number;
  /** With a 503. */
  refused: number;
  /** In the middle of a reply. */
  brokenOff: number;
  /** The first piece of a reply came late. */
  late: number;
}

export interface FleetReport {
  kills: number;
  stops: number;
  restarts: number;
  storeRestarts: number;
  /** From a kill until all of that process's conversations had another owner, in milliseconds. */
  takeOversMs: readonly number[];
  /** How often two processes worked at one conversation at one time. */
  twoAtOnce: number;
}

export interface BotClient {
  /** Name and version, for the table. */
  title: string;
  /** Which settings differ from the client's defaults so that the run fits into a minute. */
  settings: string;
  start(setup: BotSetup): Promise<RunningBot>;
}
