export * from '../shared/thinking-door.js';
export { SomiaClient, type SomiaClientOptions } from './client.js';
export type { SomiaChunkEvent, SomiaEndEvent, SomiaErrorEvent, SomiaEvent } from './events.js';
export type {
  SomiaAgentId,
  SomiaCreateFields,
  SomiaInput,
  SomiaInteractFields,
  SomiaOptions,
  SomiaPlain,
  SomiaRunFields,
  SomiaStreamed,
} from './fields.js';
export type { SomiaHistoryEntry, SomiaResult } from './result.js';
export type { SomiaSessions } from './sessions.js';
export {
  SomiaApiError as ApiError,
  type SomiaApiErrorInit as ApiErrorInit,
  SomiaAuthError as AuthError,
  SomiaBadRequestError as BadRequestError,
  SomiaError,
  SomiaNotFoundError as NotFoundError,
  SomiaPermissionDeniedError as PermissionDeniedError,
  SomiaRateLimitError as RateLimitError,
  SomiaServerError as ServerError,
  SomiaServiceUnavailableError as ServiceUnavailableError,
  SomiaStreamParseError as StreamParseError,
  SomiaTransportError as TransportError,
} from './somia-error.js';
export type { SomiaFirstTurn } from './source.js';
export { type SomiaThinkerOptions, somiaThinker } from './thinker.js';
