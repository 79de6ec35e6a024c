import { redactText } from '../../errors/index.js';
import type { BotHealth } from './health.js';

/** Whoever can be asked how it is. */
export interface HasHealth {
  health(): BotHealth;
}

export interface HealthAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  /** JSON. Empty for `HEAD`. */
  readonly body: string;
}

const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };

/** What is answered to a request for `/healthz` or `/readyz`, whichever server it came to. */
export function healthAnswer(bot: HasHealth, method: string | undefined, path: string): HealthAnswer {
  const isKnown = path === '/healthz' || path === '/readyz';
  if (!isKnown) return answer(404, { error: 'Ask for /healthz or /readyz.' }, method);
  if (method !== 'GET' && method !== 'HEAD') {
    return answer(405, { error: 'Use GET or HEAD.' }, method, { allow: 'GET, HEAD' });
  }
  const health = askHealth(bot);
  if (typeof health === 'string') return answer(503, { error: health }, method);
  const isWell = path === '/readyz' ? health.ready : health.ended === null;
  return answer(isWell ? 200 : 503, health, method);
}

/** The health, or why there is none. */
function askHealth(bot: HasHealth): BotHealth | string {
  try {
    return shown(bot.health());
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : 'health() failed';
  }
}

/** Its known fields and no others: a health of somebody else's making may hold more than the world should see. */
function shown(health: BotHealth): BotHealth {
  const { ready, notReadyBecause, connection, lagMs, waiting, runningTurns } = health;
  const { parked, lastHandledAt, stopping, store, replicas, ended } = health;
  return {
    ready,
    notReadyBecause,
    connection,
    lagMs,
    waiting,
    runningTurns,
    parked,
    lastHandledAt,
    stopping,
    store: { ok: store.ok, error: store.error },
    replicas:
      replicas === null
        ? null
        : { held: replicas.held, live: replicas.live, confirmedAgoMs: replicas.confirmedAgoMs },
    ended,
  };
}

function answer(
  status: number,
  content: object,
  method: string | undefined,
  headers: Record<string, string> = {},
): HealthAnswer {
  const hide = (_: string, value: unknown) => (typeof value === 'string' ? withoutSecrets(value) : value);
  const body = method === 'HEAD' ? '' : JSON.stringify(content, hide);
  return { status, headers: { ...HEADERS, ...headers }, body };
}

/** Errors of stores and networks quote addresses, and those may hold a password. */
function withoutSecrets(text: string): string {
  return redactText(text).replace(/(:\/\/)\S*@/g, '$1***@');
}
