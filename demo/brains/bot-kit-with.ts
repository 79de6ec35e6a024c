import type { BotClient } from '../bot.js';
import { botKit, SETTINGS, startBotKit } from '../clients/bot-kit.js';
import type { BrainName, FaultLevel } from '../options.js';
import type { StartBrain } from './brain.js';
import { BrainFaults } from './brain-faults.js';
import { startPhoson } from './phoson.js';
import { startSomia } from './somia.js';
import { startSonzai } from './sonzai.js';

const BRAINS: Record<BrainName, StartBrain> = {
  phoson: startPhoson,
  sonzai: startSonzai,
  somia: startSomia,
};

/** A bot of the kit that thinks with an agent platform, whose stand-in fails as the level says. */
export function botKitWith(name: BrainName, level: FaultLevel, seed: number): BotClient {
  return {
    title: `${botKit.title}, thinking with ${name}`,
    settings: SETTINGS,
    async start(setup) {
      const faults = new BrainFaults(level, seed);
      const brain = await BRAINS[name](faults.plan);
      const bot = await startBotKit(setup, brain.think);
      return {
        ...bot,
        brain: () => faults.report,
        async stop() {
          await bot.stop();
          await brain.close();
        },
      };
    },
  };
}
