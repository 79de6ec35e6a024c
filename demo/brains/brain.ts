import type { PlatformThinker } from 'agentchat-client/platforms/phoson';
import type { TurnPlan } from '../../test/platforms/support/turn-script.js';

/** A platform that thinks for the bot: its stand-in, and a thinker that asks it. */
export interface Brain {
  readonly think: PlatformThinker;
  close(): Promise<void>;
}

/** What a brain replies, in pieces. */
export function echo(text: string): readonly string[] {
  return ['You said: ', text];
}

/** Starts the stand-in of a platform, whose replies go as planned. */
export type StartBrain = (plan: TurnPlan) => Promise<Brain>;
