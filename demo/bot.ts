import type { Message } from 'agentchat-client';

/** What a bot needs to run here, whichever client it is built on. */
export interface BotSetup {
  /** The bare handle that the bot has. */
  handle: string;
  apiKey: string;
  /** The REST address of the local server. */
  baseUrl: string;
  /** The WebSocket address, for a client that does not derive it. */
  wsUrl: string;
  onStarted(message: Message): void;
  onFinished(message: Message): void;
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
  stop(): Promise<void>;
}

export interface BotClient {
  /** Name and version, for the table. */
  title: string;
  /** Which settings differ from the client's defaults so that the run fits into a minute. */
  settings: string;
  start(setup: BotSetup): Promise<RunningBot>;
}
