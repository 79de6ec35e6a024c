import type {
  AdvancedFeatures,
  AgentParameters,
  AsrConfig,
  AvatarConfig,
  FillerWords,
  Geofence,
  LlmConfig,
  MllmConfig,
  RtcEncryption,
  Sal,
  TtsConfig,
  TurnDetection,
} from '../operations/properties.js';

/** Options of an agent. Objects in them travel as they are, with the fields of the wire. */
export interface AgentOptions {
  /** What its sessions are called; no two that run may have the same name. Default: `agent-<unix seconds>`. */
  readonly name?: string | undefined;
  /** What the model is told to be. Wins over the system messages of the language model. */
  readonly instructions?: string | undefined;
  /** Said when somebody comes. Wins over that of the language model; the next two as well. */
  readonly greeting?: string | undefined;
  /** Said when the model fails. */
  readonly failureMessage?: string | undefined;
  /** Messages that the model remembers, 1 to 1,024. */
  readonly maxHistory?: number | undefined;
  readonly turnDetection?: TurnDetection | undefined;
  readonly sal?: Sal | undefined;
  readonly advancedFeatures?: AdvancedFeatures | undefined;
  readonly parameters?: AgentParameters | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly rtc?: RtcEncryption | undefined;
  readonly fillerWords?: FillerWords | undefined;
  readonly geofence?: Geofence | undefined;
}

/** Everything that an agent is. */
export interface AgentParts extends AgentOptions {
  readonly stt?: AsrConfig | undefined;
  readonly llm?: LlmConfig | undefined;
  readonly tts?: TtsConfig | undefined;
  readonly mllm?: MllmConfig | undefined;
  readonly avatar?: AvatarConfig | undefined;
}
