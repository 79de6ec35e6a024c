import { invalid } from '../../../http/index.js';
import type { LlmConfig, MllmConfig } from '../operations/properties.js';
import { checkVoiceForAvatar } from '../vendors/avatar.js';
import type { AgentParts } from './agent-parts.js';
import type { SessionPlace } from './session-options.js';

/** What an agent is started with, but for its token. */
export interface TokenlessProperties {
  readonly channel: string;
  readonly agent_rtc_uid: string;
  readonly remote_rtc_uids: string[];
  readonly [field: string]: unknown;
}

/**
 * An agent in a channel, as the wire wants it.
 *
 * @throws ValidationError when the agent has no voice or no model, or when its voice does not fit its avatar.
 */
export function startPropertiesOf(parts: AgentParts, place: SessionPlace): TokenlessProperties {
  const { channel, agentUid, remoteUids, enableStringUid, idleTimeout } = place;
  const { turnDetection, sal, parameters, labels, rtc, fillerWords, geofence } = parts;
  const optional: Record<string, unknown> = {
    enable_string_uid: enableStringUid,
    idle_timeout: idleTimeout,
    ...voiceOf(parts),
    turn_detection: turnDetection,
    sal,
    labels,
    rtc,
    filler_words: fillerWords,
    geofence,
    parameters,
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  return {
    channel,
    agent_rtc_uid: agentUid,
    remote_rtc_uids: [...remoteUids],
    ...Object.fromEntries(given),
  };
}

/** What hears, thinks and speaks. */
function voiceOf(parts: AgentParts): Record<string, unknown> {
  const { stt, llm, tts, mllm, avatar, advancedFeatures } = parts;
  const face = avatar === undefined ? undefined : { enable: true, ...avatar };
  if (isMultimodal(parts)) {
    if (mllm === undefined) throw invalid('mllm', 'The agent needs a multimodal model: add .withMllm(...)');
    return {
      mllm: multimodal(mllm, parts),
      avatar: face,
      advanced_features: { ...advancedFeatures, enable_mllm: true },
    };
  }
  if (tts === undefined) throw invalid('tts', 'The agent needs a voice: add .withTts(...)');
  if (llm === undefined) throw invalid('llm', 'The agent needs a language model: add .withLlm(...)');
  if (face?.enable) checkVoiceForAvatar(tts);
  return { asr: stt, llm: thinking(llm, parts), tts, avatar: face, advanced_features: advancedFeatures };
}

function isMultimodal({ mllm, advancedFeatures }: AgentParts): boolean {
  return advancedFeatures?.enable_mllm ?? mllm !== undefined;
}

/** What the agent says of itself wins over what its model was told. */
function thinking(llm: LlmConfig, parts: AgentParts): LlmConfig {
  const { instructions, greeting, failureMessage, maxHistory } = parts;
  return {
    ...llm,
    ...(instructions === undefined ? {} : { system_messages: [system(instructions)] }),
    ...(greeting === undefined ? {} : { greeting_message: greeting }),
    ...(failureMessage === undefined ? {} : { failure_message: failureMessage }),
    ...(maxHistory === undefined ? {} : { max_history: maxHistory }),
  };
}

function multimodal(mllm: MllmConfig, { instructions, greeting }: AgentParts): MllmConfig {
  return {
    ...mllm,
    ...(instructions === undefined ? {} : { messages: [system(instructions), ...(mllm.messages ?? [])] }),
    ...(greeting === undefined ? {} : { greeting_message: greeting }),
  };
}

function system(content: string): { role: 'system'; content: string } {
  return { role: 'system', content };
}
