export { type Account, accountOf } from './account.js';
export type { HttpResponse } from './answer.js';
export { type ApiKeySource, checkApiKey, resolveApiKeySource } from './api-key.js';
export { resolveBaseUrl } from './base-url.js';
export { type AnswerInfo, CALL_OPTION_NAMES, type CallOptions, checkCallOptions } from './call-options.js';
export { CARRIER, type Cargo, type Carrier, type Receiver } from './carrier.js';
export type { AgentChatClientIdentity, AgentChatClientKind, ClientIdentity } from './client-identity.js';
export { diagnose } from './diagnosis.js';
export type { EndpointInput } from './endpoint-request.js';
export { readEnvironment } from './environment.js';
export { given, isGiven } from './given.js';
export {
  type ErrorInfo,
  type RequestHooks,
  type RequestInfo,
  type ResponseInfo,
  type RetryInfo,
  tell,
} from './hooks.js';
export {
  checkDuration,
  checkFilled,
  checkFunction,
  checkInteger,
  checkOptionNames,
  invalid,
} from './invalid.js';
export { nearestName } from './option-names.js';
export type { HttpRequestOptions, Query, RetryOption } from './prepare.js';
export { DEFAULT_RETRY_POLICY, type RetryPolicy } from './retry-policy.js';
export { HttpTransport } from './transport.js';
export {
  DEFAULT_TIMEOUT_MS,
  type HttpTransportOptions,
  NULL_OPTION_NAMES,
  TRANSPORT_OPTION_NAMES,
} from './transport-options.js';
export { detectRuntime, userAgent } from './user-agent.js';
export {
  checkValidateMode,
  mismatchError,
  type ValidateMode,
  WireCheck,
  type WireMismatch,
} from './wire-check.js';
