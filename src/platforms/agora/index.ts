export { expiresInHours, expiresInMinutes } from './token/lifetime.js';
export {
  type ConvoAiTokenOptions,
  generateConvoAiToken,
  generateRtcToken,
  RtcRole,
  type RtcTokenOptions,
  type TokenOptions,
} from './token/tokens.js';
