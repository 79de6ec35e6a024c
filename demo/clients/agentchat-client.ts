import { type SequenceGapInfo, VERSION } from 'agentchat-client';
import { startBot } from '../../examples/always-on-bot.js';
import type { BotClient } from '../bot.js';
import { TUNING, told } from './tuning.js';

export const agentchatClient: BotClient = {
  title: `agentchat-client ${VERSION}`,
  settings: told(TUNING),
  async start(setup) {
    const bot = startBot({
      account: { apiKey: setup.apiKey, baseUrl: setup.baseUrl },
      tuning: {
        ...TUNING,
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
