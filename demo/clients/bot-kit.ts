import { type SequenceGapInfo, VERSION } from 'agentchat-client';
import { type BotOptions, createBot } from 'agentchat-client/bot';
import type { BotClient, BotSetup, RunningBot } from '../bot.js';
import { TUNING, told } from './tuning.js';

/** The table counts an answer for each message, so each is a turn. The senders say much the same again and again: no guard. */
const turns = { maxMessages: 1, settleMs: 0 };

/** How the settings are told. */
export const SETTINGS = told({ ...TUNING, 'turns.maxMessages': 1, 'turns.settleMs': 0, guard: false });

/** Starts a bot of the kit that thinks so. */
export async function startBotKit(
  setup: BotSetup,
  think: NonNullable<BotOptions['think']>,
): Promise<RunningBot> {
  const bot = createBot({
    apiKey: setup.apiKey,
    baseUrl: setup.baseUrl,
    turns,
    guard: false,
    log: () => {},
    realtime: {
      ...TUNING,
      onSequenceGap(gap: SequenceGapInfo) {
        if (!gap.recovered)
          setup.onTrouble(`gap not recovered: ${JSON.stringify(gap.missing)} (${gap.reason})`);
      },
    },
    think(turn) {
      setup.onStarted(turn.message);
      return think(turn);
    },
  });
  bot.on('turn', ({ outcome, messages }) => {
    if (outcome !== 'answered') return;
    for (const message of messages) setup.onFinished(message);
  });
  bot.on('error', ({ message }) => setup.onTrouble(message));
  await bot.start();
  return {
    counters: () => {
      const { gapsOpened, gapsClosedByThemselves, gapsFilled, holes, reconnects, drainedRows } =
        bot.realtime.counters;
      return { gapsOpened, gapsClosedByThemselves, gapsFilled, holes, reconnects, drainedRows };
    },
    stop: () => bot.stop(),
  };
}

export const botKit: BotClient = {
  title: `agentchat-client/bot ${VERSION}`,
  settings: SETTINGS,
  start: (setup) =>
    startBotKit(setup, ({ text, message }) => `You said: ${text || `something of type ${message.type}`}`),
};
