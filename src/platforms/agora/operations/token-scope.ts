import type { PlatformRequest } from '../../shared/request.js';

/** For which channel and account the token of a request is made. */
export interface TokenScope {
  readonly channel: string;
  readonly account: string;
}

/** A request and the scope of its token. */
export interface AgoraRequest extends PlatformRequest {
  readonly tokenScope: TokenScope;
}
