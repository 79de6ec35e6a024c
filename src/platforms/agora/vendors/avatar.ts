import { invalid } from '../../../http/index.js';
import type { AvatarConfig, TtsConfig } from '../operations/properties.js';
import { checkUid } from '../token/uid.js';
import { anObject, listOf, needed, wireOptions } from './option-reader.js';
import type { Vendor } from './vendor.js';

/** A face and where it stands, as on the wire. */
export interface SensetimeScene {
  digital_role: {
    face_feature_id: string;
    position?: { x: number; y: number };
    url?: string;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

export interface SensetimeAvatarOptions {
  /** An RTC token for the avatar's own uid. */
  readonly agoraToken: string;
  /** The avatar's own uid: a number up to 32 bits, as a string. */
  readonly agoraUid: string;
  readonly appId: string;
  readonly appKey: string;
  readonly sceneList: readonly SensetimeScene[];
}

/** A face that speaks. The agent's voice must come at 16,000 Hz. */
export class SensetimeAvatar implements Vendor<AvatarConfig> {
  readonly #params: Record<string, unknown>;

  constructor(options: SensetimeAvatarOptions) {
    // The mixed casing is the platform's.
    this.#params = structuredClone(
      wireOptions('SensetimeAvatar', options, {
        agoraToken: needed('agora_token'),
        agoraUid: needed('agora_uid', checkUid),
        appId: needed('appId'),
        appKey: needed('app_key'),
        sceneList: needed('sceneList', listOf(anObject)),
      }),
    );
  }

  toConfig(): AvatarConfig {
    return structuredClone({ enable: true, vendor: 'sensetime', params: this.#params });
  }
}

/** The rate that avatars move their lips to. */
const AVATAR_HZ = 16_000;

/**
 * Whether a voice fits an avatar.
 *
 * @throws ValidationError when it comes at another rate. Where the rate is not given, a warning is written.
 */
export function checkVoiceForAvatar({ params }: TtsConfig): void {
  const audio = params.audio_setting as { sample_rate?: unknown } | undefined;
  const rate = params.sample_rate ?? audio?.sample_rate;
  if (rate === AVATAR_HZ) return;
  if (rate === undefined) {
    console.warn(
      `agentchat-client: an avatar needs a voice at ${AVATAR_HZ} Hz; set the sample rate of the voice to be sure`,
    );
    return;
  }
  throw invalid(
    'tts.sampleRate',
    `An avatar needs a voice at ${AVATAR_HZ} Hz, and this one comes at ${String(rate)} Hz. Set its sample rate to ${AVATAR_HZ}.`,
  );
}
