export * from '../shared/door.js';
export type { Page, Pager } from '../shared/pager.js';
export type { PlatformAnswer } from '../shared/platform-call.js';
export { AgentClient, type AgentClientOptions } from './client/agent-client.js';
export { ApiError } from './client/api-error.js';
export { Area } from './client/area.js';
export type { AuthorizationOptions } from './client/authorization.js';
export type { Brain, BrainThought, BrainTurn } from './completions/brain.js';
export {
  type ChatCompletionsOptions,
  type CompletionSpeaker,
  chatCompletions,
} from './completions/chat-completions.js';
export type { CompletionMessage, CompletionRequest } from './completions/completion-request.js';
export {
  type CompletionNodeRequest,
  type CompletionNodeResponse,
  nodeCompletions,
} from './completions/node-handler.js';
export type { AgentPage } from './operations/agent-page.js';
export type { Agents } from './operations/agents.js';
export type {
  AdvancedFeatures,
  AgentParameters,
  AsrConfig,
  AvatarConfig,
  FillerWords,
  Geofence,
  LlmConfig,
  McpServer,
  MllmConfig,
  RtcEncryption,
  Sal,
  StartProperties,
  TtsConfig,
  TurnDetection,
} from './operations/properties.js';
export type { RawAgents } from './operations/raw-agents.js';
export type {
  AgentHistory,
  AgentInfo,
  AgentList,
  AgentStatus,
  AgentTurns,
  ListedAgent,
  SpokenTo,
  StartedAgent,
} from './operations/records.js';
export type {
  ListRequest,
  OfProject,
  SpeakRequest,
  StartRequest,
  ThinkRequest,
  TurnsRequest,
  UpdateRequest,
} from './operations/requests.js';
export type { TokenScope } from './operations/token-scope.js';
export { Agent } from './session/agent.js';
export type { AgentOptions } from './session/agent-parts.js';
export type { AgentSession, SessionEventMap, SessionState } from './session/agent-session.js';
export type { SessionClient } from './session/session-client.js';
export type { SessionOptions } from './session/session-options.js';
export { expiresInHours, expiresInMinutes } from './token/lifetime.js';
export {
  type ConvoAiTokenOptions,
  generateConvoAiToken,
  generateRtcToken,
  RtcRole,
  type RtcTokenOptions,
  type TokenOptions,
} from './token/tokens.js';
export { SensetimeAvatar, type SensetimeAvatarOptions, type SensetimeScene } from './vendors/avatar.js';
export {
  AliyunLLM,
  type AliyunLLMOptions,
  BytedanceLLM,
  CustomLLM,
  DeepSeekLLM,
  type LlmOptions,
  TencentLLM,
} from './vendors/llm.js';
export {
  FengmingSTT,
  type FengmingSTTOptions,
  MicrosoftSTT,
  type MicrosoftSTTOptions,
  TencentSTT,
  type TencentSTTOptions,
  XfyunBigModelSTT,
  type XfyunBigModelSTTOptions,
  XfyunDialectSTT,
  type XfyunDialectSTTOptions,
  XfyunSTT,
  type XfyunSTTOptions,
} from './vendors/stt.js';
export {
  BytedanceDuplexTTS,
  type BytedanceDuplexTTSOptions,
  BytedanceTTS,
  type BytedanceTTSOptions,
  CosyVoiceTTS,
  type CosyVoiceTTSOptions,
  MicrosoftTTS,
  type MicrosoftTTSOptions,
  MiniMaxTTS,
  type MiniMaxTTSOptions,
  type MiniMaxVoiceSetting,
  StepFunTTS,
  type StepFunTTSOptions,
  TencentTTS,
  type TencentTTSOptions,
} from './vendors/tts.js';
export type { AvatarPart, LlmPart, MllmPart, SttPart, TtsPart, Vendor } from './vendors/vendor.js';
export type { VoiceBot, VoiceReply, VoiceTurn, VoiceValues } from './voice/voice-bot.js';
export type { VoiceCall } from './voice/voice-calls.js';
export {
  type JoinData,
  type VoiceCommands,
  type VoiceCommandsOptions,
  voiceCommands,
} from './voice/voice-commands.js';
export type { VoiceTexts } from './voice/voice-texts.js';
