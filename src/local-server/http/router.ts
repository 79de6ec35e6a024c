import type { IncomingMessage, ServerResponse } from 'node:http';
import { redactText } from '../../errors/index.js';
import {
  decodeQuery,
  type Endpoint,
  type EndpointMatch,
  ErrorCode,
  findProblems,
  matchEndpoint,
  methodsOf,
  WEBSOCKET_PATH,
} from '../../wire/index.js';
import type { Pushes } from '../actions/pushes.js';
import { reviewStanding } from '../actions/standing.js';
import { CONTROL_PATH, type Control } from '../control/control.js';
import type { Keeper } from '../data/keeper.js';
import type { RestVerdict } from '../faults/kinds.js';
import type { FaultPlan } from '../faults/plan.js';
import type { ShutOut } from '../faults/shut-out.js';
import type { AgentCall, Call, Resource, Resources } from '../resources/resource.js';
import type { AgentRecord } from '../state/records.js';
import type { World } from '../state/world.js';
import { serveStored } from '../storage/serve.js';
import { STORAGE_PATH } from '../storage/tickets.js';
import { type Body, isOversized, readBody, readBytes } from './body.js';
import { credentialsOf } from './credentials.js';
import { judgeOnce, rememberOnce } from './idempotent.js';
import { crossOriginHeaders, PREFLIGHT_HEADERS, refusalOf } from './origin.js';
import { failure, invalid, type Reply, unauthorized } from './reply.js';
import { requestIdOf } from './request-id.js';
import { answerOf, respond, respondLate } from './respond.js';

/** How long the rest of an oversized body is swallowed, so that its sender gets to read the refusal. */
const LINGER_MS = 1_000;

/** What the router needs to know and to reach. */
export interface RouterParts {
  readonly world: World;
  readonly keeper: Keeper;
  readonly pushes: Pushes;
  readonly faults: FaultPlan;
  readonly shutOut: ShutOut;
  readonly resources: Resources;
  /** For one line per request; without it nothing is put together. */
  readonly log: ((line: string) => void) | undefined;
}

/** The same for every endpoint: where a resource's own types end. */
type AnyResource = Pick<Resource<'getAgent'>, 'refuse'> & {
  admit?(caller: AgentRecord): Reply | undefined;
  handle(call: Call | AgentCall): Reply;
};

const PASS: RestVerdict = { kind: 'pass' };

/** From an HTTP request to its answer. */
export class Router {
  readonly #parts: RouterParts;
  #control: Control | undefined;

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Has the paths of the operator answered. Not made before the router: what it controls stands on that. */
  mount(control: Control): void {
    this.#control = control;
  }

  /** Answers a request. Never rejects. */
  async serve(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
    try {
      await this.#serve(request, response, port);
    } catch (error) {
      this.#parts.log?.(`${request.method} failed after its answer: ${String(error)}`);
    }
  }

  async #serve(request: IncomingMessage, response: ServerResponse, port: number): Promise<void> {
    const startedAt = this.#parts.world.now();
    const [pathname, search] = splitTarget(request.url ?? '');
    const headers: Record<string, string> = { 'x-request-id': requestIdOf(request, this.#parts.world.ids) };
    // A client that hangs up half-way is no error of ours.
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    let verdict = PASS;
    let reply: Reply | 'hang_up';
    try {
      const refusal = refusalOf(request, port);
      if (refusal === undefined && this.#control !== undefined && pathname.startsWith(CONTROL_PATH)) {
        const status = await this.#control.serve(request, response, pathname, headers);
        this.#log(request, pathname, status, startedAt);
        return;
      }
      if (refusal === undefined) {
        Object.assign(headers, crossOriginHeaders(request.headers.origin));
        [reply, verdict] = await this.#route(request, pathname, search, port);
        // Whatever the answer tells of, and a read may tell of what somebody else has just sent, is to outlive the process.
        if (this.#parts.keeper.isBehind) await this.#saved(reply);
      } else {
        reply = failure(
          403,
          ErrorCode.FORBIDDEN,
          `The ${refusal} of the request is not one of this machine.`,
        );
      }
    } catch (error) {
      this.#parts.log?.(`${request.method} failed: ${String(error)}`);
      reply = failure(500, ErrorCode.INTERNAL_ERROR, 'The local server has a fault of its own: see its log.');
    }
    if (reply === 'hang_up') {
      request.socket.destroy();
      this.#log(request, pathname, 'cut', startedAt);
      return;
    }
    this.#answer(request, response, reply, headers, verdict);
    this.#log(request, pathname, reply.status, startedAt);
  }

  /** What could not be written is no failure to the others: they are told of it once it is. */
  async #saved(reply: Reply | 'hang_up'): Promise<void> {
    const { keeper } = this.#parts;
    try {
      await keeper.saved();
    } catch (error) {
      const afterwards = reply === 'hang_up' ? undefined : reply.afterwards;
      if (afterwards !== undefined) keeper.afterSaved(afterwards);
      throw error;
    }
  }

  async #route(
    request: IncomingMessage,
    pathname: string,
    search: string,
    port: number,
  ): Promise<[Reply | 'hang_up', RestVerdict]> {
    const method = request.method ?? '';
    if (method === 'OPTIONS') return [{ status: 200, body: {}, headers: PREFLIGHT_HEADERS }, PASS];
    if (pathname.startsWith(STORAGE_PATH)) {
      return [await serveStored(this.#parts.world, request, pathname, search), PASS];
    }
    const match = matchEndpoint(method, pathname);
    if (match === null) return [noSuchEndpoint(pathname), PASS];

    const credentials = credentialsOf(request);
    const caller =
      credentials.kind === 'key' ? this.#parts.world.agents.byKey(credentials.apiKey) : undefined;
    if (caller !== undefined) reviewStanding(this.#parts.world, caller);
    if (caller !== undefined && this.#parts.shutOut.fromRest(caller.handle)) return [unavailable(), PASS];
    const verdict = this.#parts.faults.forCall(caller?.handle, match.key);
    if (verdict.kind === 'restRateLimit') return [limited(verdict.retryAfterSeconds), verdict];
    if (verdict.kind === 'restUnavailable' && verdict.when === 'before') return [unavailable(), verdict];
    if (verdict.kind === 'restCut' && verdict.when === 'before') return ['hang_up', verdict];

    const reply = await this.#perform(request, match, search, caller, {
      origin: `http://127.0.0.1:${port}`,
      busyMs: verdict.kind === 'restStall' ? verdict.ms : 0,
    });
    if (verdict.kind !== 'restUnavailable' && verdict.kind !== 'restCut') return [reply, verdict];
    // Carried out all the same: only the caller does not learn of it.
    if (reply !== 'hang_up' && reply.afterwards !== undefined) {
      this.#parts.keeper.afterSaved(reply.afterwards);
    }
    return [verdict.kind === 'restCut' ? 'hang_up' : unavailable(), verdict];
  }

  async #perform(
    request: IncomingMessage,
    match: EndpointMatch,
    search: string,
    caller: AgentRecord | undefined,
    { origin, busyMs }: { readonly origin: string; readonly busyMs: number },
  ): Promise<Reply | 'hang_up'> {
    const { endpoint, key } = match;
    const { world, pushes } = this.#parts;
    if (endpoint.auth === 'key' && caller === undefined) return unauthorized();
    const resource = this.#parts.resources[key] as AnyResource;
    const refusal = caller === undefined ? undefined : resource.admit?.(caller);
    if (refusal !== undefined) return refusal;

    const body =
      endpoint.body.kind === 'bytes'
        ? await readBytes(request, endpoint.body.maxBytes)
        : await readBody(request);
    if (body.kind === 'aborted') return 'hang_up';
    const query = decodeQuery(new URLSearchParams(search));
    const bad = refusalOfInput(endpoint, resource, body, query);
    if (bad !== undefined) return bad;
    // The body took its time: the account may have been closed or paused while it came.
    const late = caller === undefined ? undefined : this.#refusalByNow(caller, resource);
    if (late !== undefined) return late;
    const once = caller === undefined ? undefined : judgeOnce(world, caller.handle, request, match, body);
    if (once?.kind === 'refuse' || once?.kind === 'replay') return once.reply;
    const reply = resource.handle({
      world,
      pushes,
      params: match.params,
      query,
      body: bodyOf(body),
      bodyBytes: body.kind === 'json' ? body.bytes : 0,
      address: request.socket.remoteAddress ?? '',
      origin,
      log: (line) => this.#parts.log?.(line),
      ...(caller === undefined ? {} : { caller }),
    });
    if (once?.kind === 'first') rememberOnce(world, once.once, reply, busyMs);
    return reply;
  }

  #refusalByNow(caller: AgentRecord, resource: AnyResource): Reply | undefined {
    return caller.status === 'deleted' ? unauthorized() : resource.admit?.(caller);
  }

  #answer(
    request: IncomingMessage,
    response: ServerResponse,
    reply: Reply,
    headers: Record<string, string>,
    verdict: RestVerdict,
  ): void {
    const isEndless = !request.complete && isOversized(request);
    const answer = answerOf(reply, isEndless ? { ...headers, connection: 'close' } : headers);
    if (verdict.kind === 'restStall') respondLate(response, answer, verdict);
    else respond(response, answer);
    if (isEndless) linger(request);
    reply.afterwards?.();
  }

  #log(request: IncomingMessage, pathname: string, outcome: number | 'cut', startedAt: number): void {
    const { log, world } = this.#parts;
    log?.(`${request.method} ${redactText(pathname)} ${outcome} ${world.now() - startedAt} ms`);
  }
}

/** What came, as JSON or as bytes; `undefined` when nothing did. */
function bodyOf(body: Body): unknown {
  if (body.kind === 'json') return body.value;
  return body.kind === 'bytes' ? body.bytes : undefined;
}

/** Path and query of a request target. The path is taken as it is: nothing in it is resolved. */
function splitTarget(target: string): [string, string] {
  const at = target.indexOf('?');
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)];
}

function refusalOfInput(
  endpoint: Endpoint,
  resource: AnyResource,
  body: Body,
  query: Readonly<Record<string, unknown>>,
): Reply | undefined {
  if (body.kind === 'too_large') return failure(413, ErrorCode.PAYLOAD_TOO_LARGE, 'The body is too large.');
  if (body.kind === 'malformed') return invalid({ body: [body.why] });
  if (endpoint.query !== null) {
    const errors = fieldErrorsOf(findProblems(endpoint.query, query));
    if (errors !== undefined) return invalid(errors);
  }
  if (endpoint.body.kind !== 'json') return undefined;
  // What a DELETE might say is never more than a detail.
  const nothing = endpoint.method === 'DELETE' ? {} : undefined;
  const value = body.kind === 'json' ? body.value : nothing;
  const errors = fieldErrorsOf(findProblems(endpoint.body.schema, value));
  return errors === undefined ? undefined : (resource.refuse?.(errors, value) ?? invalid(errors));
}

function fieldErrorsOf(
  problems: ReturnType<typeof findProblems>,
): Readonly<Record<string, readonly string[]>> | undefined {
  if (problems.length === 0) return undefined;
  const errors = new Map<string, string[]>();
  for (const { field, problem } of problems) {
    const name = field === '' ? 'body' : field;
    errors.set(name, [...(errors.get(name) ?? []), problem]);
  }
  return Object.fromEntries(errors);
}

function noSuchEndpoint(pathname: string): Reply {
  if (pathname === WEBSOCKET_PATH) {
    const reply = failure(426, ErrorCode.VALIDATION_ERROR, 'This is the WebSocket: upgrade the connection.');
    return { ...reply, headers: { upgrade: 'websocket' } };
  }
  const methods = methodsOf(pathname);
  if (methods.length === 0) return failure(404, ErrorCode.NOT_FOUND, 'There is nothing at this path.');
  const reply = failure(405, ErrorCode.VALIDATION_ERROR, `This path knows ${methods.join(', ')} only.`);
  return { ...reply, headers: { allow: methods.join(', ') } };
}

function unavailable(): Reply {
  return failure(503, ErrorCode.INTERNAL_ERROR, 'The service is not available at the moment.');
}

function limited(retryAfterSeconds: number): Reply {
  const message = 'Too many requests: a fault of the local server says so.';
  return failure(429, ErrorCode.RATE_LIMITED, message, { retryAfterMs: retryAfterSeconds * 1_000 });
}

/** Swallows what is still coming, for a moment, and hangs up. */
function linger(request: IncomingMessage): void {
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), LINGER_MS);
  timer.unref();
  request.once('close', () => clearTimeout(timer));
}
