import { type HasHealth, healthAnswer } from './health-answer.js';

/** As much of Node's `IncomingMessage` as is needed: those of Express and Fastify fit. */
export interface HealthNodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

/** As much of Node's `ServerResponse` as is needed. */
export interface HealthNodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  end(body: string): unknown;
}

/**
 * Answers the probes of an orchestrator, as a web-standard handler: Hono, Bun, Deno, Workers, Next.
 *
 * - `/healthz`: 200 as long as the process is worth keeping; 503 when the bot has given up for good, so that it is restarted. A bot
 *   that reconnects, or waits for its store, is worth keeping: a restart would not help.
 * - `/readyz`: 200 while the bot takes messages (`ready` of its health), 503 otherwise.
 *
 * Both answer with the bot's health as JSON. Other paths: 404. Other methods than `GET` and `HEAD`: 405. The answer holds no secrets,
 * but says how busy the bot is: let your orchestrator reach it, not the world.
 *
 * @example
 * Bun.serve({ port: 8080, fetch: healthEndpoint(bot) });
 */
export function healthEndpoint(bot: HasHealth): (request: Request) => Response {
  return ({ method, url }) => {
    const { status, headers, body } = healthAnswer(bot, method, new URL(url).pathname);
    return new Response(method === 'HEAD' ? null : body, { status, headers });
  };
}

/**
 * The same as {@link healthEndpoint}, as a request listener for `node:http`.
 *
 * @example
 * createServer(nodeHealthHandler(bot)).listen(8080);
 */
export function nodeHealthHandler(
  bot: HasHealth,
): (request: HealthNodeRequest, response: HealthNodeResponse) => void {
  return ({ method, url = '/' }, response) => {
    const { status, headers, body } = healthAnswer(bot, method, pathOf(url));
    response.writeHead(status, headers);
    response.end(body);
  };
}

/** The path of a request line. It may hold a query, and a whole address when it came through a proxy. */
function pathOf(url: string): string {
  const path = url.startsWith('/') ? url : url.replace(/^[a-z]+:\/\/[^/?#]*/i, '');
  return path.replace(/[?#].*$/s, '');
}
