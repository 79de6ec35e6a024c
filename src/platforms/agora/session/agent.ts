import { checkFilled, checkInteger, checkOptionNames } from '../../../http/index.js';
import type {
  AdvancedFeatures,
  AgentParameters,
  FillerWords,
  Geofence,
  RtcEncryption,
  Sal,
  TurnDetection,
} from '../operations/properties.js';
import {
  type AvatarPart,
  configOf,
  type LlmPart,
  type MllmPart,
  type SttPart,
  type TtsPart,
} from '../vendors/vendor.js';
import type { AgentOptions, AgentParts } from './agent-parts.js';
import { AgentSession } from './agent-session.js';
import type { SessionClient } from './session-client.js';
import type { SessionOptions } from './session-options.js';

const NAMES: { readonly [Name in keyof AgentOptions]-?: true } = {
  name: true,
  instructions: true,
  greeting: true,
  failureMessage: true,
  maxHistory: true,
  turnDetection: true,
  sal: true,
  advancedFeatures: true,
  parameters: true,
  labels: true,
  rtc: true,
  fillerWords: true,
  geofence: true,
};

/**
 * What a voice agent is made of. It does not change: each `with...` gives a changed copy, so that one agent can be the start
 * of many.
 *
 * @example
 * const agent = new Agent({ name: 'support', instructions: 'You are kind.', greeting: 'Hello!' })
 *   .withStt(new FengmingSTT())
 *   .withLlm(new AliyunLLM({ apiKey, model: 'qwen-max' }))
 *   .withTts(new MiniMaxTTS({ key, voiceId: 'female-shaonv' }));
 * const session = agent.createSession(client, { channel: 'support-room-123', agentUid: '1', remoteUids: ['100'] });
 * await session.start();
 */
export class Agent {
  // Keys of vendors are in it: no way of printing an agent shows them.
  #parts: AgentParts;

  /** @throws ValidationError that names the option that is wrong. */
  constructor(options: AgentOptions = {}) {
    checkOptionNames(options, Object.keys(NAMES), 'Agent option');
    if (options.name !== undefined) checkFilled(options.name, 'name');
    checkInteger(options.maxHistory, 'maxHistory', 1, 1_024);
    this.#parts = structuredClone(options);
  }

  get name(): string | undefined {
    return this.#parts.name;
  }

  /** With another name. */
  withName(name: string): Agent {
    checkFilled(name, 'name');
    return this.#with({ name });
  }

  /** With these instructions for the model. */
  withInstructions(instructions: string): Agent {
    checkFilled(instructions, 'instructions');
    return this.#with({ instructions });
  }

  /** With this greeting. */
  withGreeting(greeting: string): Agent {
    checkFilled(greeting, 'greeting');
    return this.#with({ greeting });
  }

  /** With this text for when the model fails. */
  withFailureMessage(failureMessage: string): Agent {
    checkFilled(failureMessage, 'failureMessage');
    return this.#with({ failureMessage });
  }

  /** With so many messages remembered, 1 to 1,024. */
  withMaxHistory(maxHistory: number): Agent {
    checkInteger(maxHistory, 'maxHistory', 1, 1_024);
    return this.#with({ maxHistory });
  }

  /** With this recognition of speech. */
  withStt(stt: SttPart): Agent {
    return this.#with({ stt: configOf(stt, 'stt') });
  }

  /** With this language model. */
  withLlm(llm: LlmPart): Agent {
    return this.#with({ llm: configOf(llm, 'llm') });
  }

  /** With this voice. */
  withTts(tts: TtsPart): Agent {
    return this.#with({ tts: configOf(tts, 'tts') });
  }

  /**
   * With one model that hears and speaks by itself. The others are not sent then, and `advanced_features.enable_mllm` is; the
   * instructions become its first message.
   */
  withMllm(mllm: MllmPart): Agent {
    return this.#with({ mllm: configOf(mllm, 'mllm') });
  }

  /** With a face. The voice must come at 16,000 Hz. */
  withAvatar(avatar: AvatarPart): Agent {
    return this.#with({ avatar: configOf(avatar, 'avatar') });
  }

  /** With other rules for when somebody begins and ends to speak. */
  withTurnDetection(turnDetection: TurnDetection): Agent {
    return this.#with({ turnDetection });
  }

  /** With these voices that count. */
  withSal(sal: Sal): Agent {
    return this.#with({ sal });
  }

  /** With these features in place of the earlier ones. */
  withAdvancedFeatures(advancedFeatures: AdvancedFeatures): Agent {
    return this.#with({ advancedFeatures });
  }

  /** With tools turned on or off; the servers of tools stand in the language model (`mcpServers`). */
  withTools(enabled = true): Agent {
    return this.#with({ advancedFeatures: { ...this.#parts.advancedFeatures, enable_tools: enabled } });
  }

  /** With these parameters in place of the earlier ones. */
  withParameters(parameters: AgentParameters): Agent {
    return this.#with({ parameters });
  }

  /** With these labels, which come back in callbacks. */
  withLabels(labels: Readonly<Record<string, string>>): Agent {
    return this.#with({ labels });
  }

  /** With encryption of the channel. */
  withRtc(rtc: RtcEncryption): Agent {
    return this.#with({ rtc });
  }

  /** With words for while the model thinks. */
  withFillerWords(fillerWords: FillerWords): Agent {
    return this.#with({ fillerWords });
  }

  /** With the servers that may be used. */
  withGeofence(geofence: Geofence): Agent {
    return this.#with({ geofence });
  }

  /**
   * A session of this agent in a channel. It begins with `start()`.
   *
   * @throws ValidationError when the agent has no voice or no model, when its voice does not fit its avatar, and that names the
   * option that is wrong.
   */
  createSession(client: SessionClient, options: SessionOptions): AgentSession {
    return new AgentSession(client, this.#parts, options);
  }

  #with(change: AgentParts): Agent {
    const copy = blank();
    copy.#parts = { ...this.#parts, ...structuredClone(change) };
    return copy;
  }
}

/** Outside the class: one that names itself is renamed by bundlers. */
function blank(): Agent {
  return new Agent();
}
