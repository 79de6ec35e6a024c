export { type Account, accountOf } from './account.js';
export { type HttpResponse, retryAfterOf } from './answer.js';
export { type ApiKeySource, checkApiKey, resolveApiKeySource } from './api-key.js';
export { type AnswerHead, type AttemptResult, runAttempt } from './attempt.js';
export { readBaseUrl, resolveBaseUrl } from './base-url.js';
export { type AnswerInfo, CALL_OPTION_NAMES, type CallOptions, checkCallOptions } from './call-options.js';
export { CallScope, type Interruption } from './call-scope.js';
export {
  CARRIER,
  type Cargo,
  type Carrier,
  carrierOf,
  type PatientCarrier,
  type Receiver,
} from './carrier.js';
export type { AgentChatClientIdentity, AgentChatClientKind, ClientIdentity } from './client-identity.js';
export { diagnose } from './diagnosis.js';
export type { EndpointInput } from './endpoint-request.js';
export { readEnvironment } from './environment.js';
export { fetchCarrier } from './fetch-carrier.js';
export { type Frame, type FrameDecoder, FrameTooLarge } from './frame.js';
export { given, isGiven } from './given.js';
export { addHeader } from './headers.js';
export {
  copyError,
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
export { NdjsonDecoder } from './ndjson-decoder.js';
export { neverLeft } from './network-cause.js';
export { openStream, type StreamedBody } from './open-stream.js';
export { nearestName } from './option-names.js';
export type { HttpRequestOptions, Query, RetryOption } from './prepare.js';
export { redactCause, redactHeaders, redactText, secretsAmong } from './redact.js';
export { DEFAULT_RETRY_POLICY, decideRetry, type RetryPolicy } from './retry-policy.js';
export { SignalRelay } from './signal-relay.js';
export { SseDecoder } from './sse-decoder.js';
export { HttpTransport } from './transport.js';
export {
  DEFAULT_TIMEOUT_MS,
  type HttpTransportOptions,
  NULL_OPTION_NAMES,
  TRANSPORT_OPTION_NAMES,
} from './transport-options.js';
export { whyUnreachable } from './unreachable.js';
export { detectRuntime, userAgent } from './user-agent.js';
export { type Watch, watchOf } from './watch.js';
export {
  checkValidateMode,
  mismatchError,
  type ValidateMode,
  WireCheck,
  type WireMismatch,
} from './wire-check.js';
