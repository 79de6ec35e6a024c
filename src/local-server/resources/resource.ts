import type { EndpointKey, endpoints } from '../../wire/index.js';
import type { Pushes } from '../actions/pushes.js';
import type { Reply } from '../http/reply.js';
import type { AgentRecord } from '../state/records.js';
import type { World } from '../state/world.js';

/** One request, read and found to be as the endpoint's schemas say. */
export interface Call {
  readonly world: World;
  readonly pushes: Pushes;
  /** The values in the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  /** As the endpoint's schema says; a `Buffer` where the endpoint takes bytes. */
  readonly body: unknown;
  /** Bytes of the body as it came, where it is JSON. */
  readonly bodyBytes: number;
  /** The network address that it came from. */
  readonly address: string;
  /** Where this server is reached: `http://127.0.0.1:<port>`. */
  readonly origin: string;
  log(line: string): void;
}

/** A request whose sender is known. */
export interface AgentCall extends Call {
  readonly caller: AgentRecord;
}

type CallOf<Key extends EndpointKey> = (typeof endpoints)[Key]['auth'] extends 'key' ? AgentCall : Call;

/** What an endpoint does. */
export interface Resource<Key extends EndpointKey> {
  /** Asked before the request is looked at any closer: an account that may not write learns that first. */
  admit?(caller: AgentRecord): Reply | undefined;
  /** How a request that does not fit the schema is refused, where that is not the ordinary 400. */
  refuse?(fieldErrors: Readonly<Record<string, readonly string[]>>, body: unknown): Reply | undefined;
  /** Carries the request out, within one turn. */
  handle(call: CallOf<Key>): Reply;
}

/** What each endpoint does. */
export type Resources = { readonly [Key in EndpointKey]: Resource<Key> };
