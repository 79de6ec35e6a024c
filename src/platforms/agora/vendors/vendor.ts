import type { AsrConfig, AvatarConfig, LlmConfig, MllmConfig, TtsConfig } from '../operations/properties.js';
import { anObject } from './option-reader.js';

/**
 * A part of an agent that somebody else provides: knows its options, and how they travel. Keys stay inside: printing a vendor
 * shows none of them.
 */
export interface Vendor<Config> {
  /** As it travels. A new object each time. */
  toConfig(): Config;
}

/** How speech becomes text: a vendor of this package, or the wire's own form for any other. */
export type SttPart = Vendor<AsrConfig> | AsrConfig;
export type LlmPart = Vendor<LlmConfig> | LlmConfig;
export type TtsPart = Vendor<TtsConfig> | TtsConfig;
export type MllmPart = Vendor<MllmConfig> | MllmConfig;
export type AvatarPart = Vendor<AvatarConfig> | AvatarConfig;

/**
 * A part as it travels. A copy: changing it later changes nothing.
 *
 * @throws ValidationError when it is no object.
 */
export function configOf<Config extends object>(part: Vendor<Config> | Config, name: string): Config {
  anObject(part, name);
  const isVendor = typeof (part as Partial<Vendor<Config>>).toConfig === 'function';
  return structuredClone(isVendor ? (part as Vendor<Config>).toConfig() : (part as Config));
}
