import { type SequenceGapInfo, VERSION } from 'agentchat-client';
import { startBot } from '../../examples/always-on-bot.js';
import type { BotClient } from '../bot.js';

/** What a minute cannot wait for. Everything else is as a user gets it. */
const tuning = {
  // Finds a lost last message; by default every 60 s.
  reconcileIntervalMs: 2_000,
  // Notices a half-open connection; by default after 15 s of silence.
  pingAfterMs: 1_000,
  // The connection is cut far more often than any real one; by default 500 ms to 30 s.
  reconnectInterval: 100,
  maxReconnectInterval: 1_000,
};

export const agentchatClient: BotClient = {
  title: `agentchat-client ${VERSION}`,
  settings: Object.entries(tuning)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', '),
  async start(setup) {
    const bot = startBot({
      account: { apiKey: setup.apiKey, baseUrl: setup.baseUrl },
      tuning: {
        ...tuning,
        onSequenceGap(gap: SequenceGapInfo) {
          if (!gap.recovered)
            setup.onTrouble(`gap not recovered: ${JSON.stringify(gap.missing)} (${gap.reason})`);
        },
      },
      onStarted: setup.onStarted,
      onFinished: setup.onFinished,
      onTrouble: setup.onTrouble,
    });
    await bot.connect();
    return {
      counters: () => ({
        gapsOpened: bot.counters.gapsOpened,
        gapsClosedByThemselves: bot.counters.gapsClosedByThemselves,
        gapsFilled: bot.counters.gapsFilled,
        holes: bot.counters.holes,
        reconnects: bot.counters.reconnects,
        drainedRows: bot.counters.drainedRows,
      }),
      stop: () => bot.disconnect(),
    };
  },
};
