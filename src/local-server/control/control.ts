import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ValidationError } from '../../errors/index.js';
import { ErrorCode } from '../../wire/index.js';
import type { Unchecked } from '../check.js';
import type { Keeper } from '../data/keeper.js';
import { readBody } from '../http/body.js';
import { credentialsOf } from '../http/credentials.js';
import { failure, ok, type Reply } from '../http/reply.js';
import { answerOf, respond } from '../http/respond.js';
import { checkRestart } from '../restart.js';
import { COMMANDS, type Controls } from './commands.js';

/** Everything below this path is the operator's, and no part of the service's API. */
export const CONTROL_PATH = '/_local/';

/** The command that takes the server away from under its own answer. */
const RESTART = 'POST restart';

/**
 * Lets other programs and pages of this machine operate a running server: over HTTP on its own port, with the token of this
 * launch as a bearer. Faults never strike these calls.
 */
export class Control {
  readonly #token: string;
  readonly #controls: Controls;
  readonly #keeper: Keeper;

  constructor(token: string, controls: Controls, keeper: Keeper) {
    this.#token = token;
    this.#controls = controls;
    this.#keeper = keeper;
  }

  /**
   * Answers a request whose path begins with {@link CONTROL_PATH}, and says with which status.
   *
   * @throws StoreError when what was done could not be written.
   */
  async serve(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<number> {
    const reply = await this.#replyTo(request, pathname.slice(CONTROL_PATH.length));
    // As everywhere: what is told of, such as the key of a new agent, is to outlive the process.
    if (this.#keeper.isBehind) await this.#keeper.saved();
    const { afterwards } = reply;
    // Not before the answer has left: a restart cuts all connections.
    if (afterwards !== undefined) response.once('finish', afterwards);
    respond(response, answerOf(reply, { ...headers, 'cache-control': 'no-store' }));
    return reply.status;
  }

  async #replyTo(request: IncomingMessage, path: string): Promise<Reply> {
    if (!this.#isOperator(request)) {
      const message = 'The token is missing, or that of another launch of the local server.';
      return failure(401, ErrorCode.UNAUTHORIZED, message);
    }
    const name = `${request.method} ${path}`;
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined && name !== RESTART) {
      return failure(404, ErrorCode.NOT_FOUND, `There is no command ${name}.`);
    }
    const body = await readBody(request);
    const given = body.kind === 'none' ? {} : body.kind === 'json' ? body.value : undefined;
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      return failure(400, ErrorCode.VALIDATION_ERROR, 'The body must be an object of JSON.');
    }
    try {
      return command === undefined ? this.#restart(given) : ok(command(this.#controls, given as Unchecked));
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      return failure(400, ErrorCode.VALIDATION_ERROR, error.message);
    }
  }

  #restart(options: unknown): Reply {
    const how = checkRestart(options);
    const afterwards = () => {
      this.#controls.running.restart(how).catch(() => {
        // Closed meanwhile: then it stays away.
      });
    };
    return { ...ok({ ok: true }), afterwards };
  }

  /** The digests are compared, not the tokens: they have one length, and the time tells nothing. */
  #isOperator(request: IncomingMessage): boolean {
    const credentials = credentialsOf(request);
    if (credentials.kind === 'none') return false;
    return timingSafeEqual(digest(credentials.apiKey), digest(this.#token));
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
