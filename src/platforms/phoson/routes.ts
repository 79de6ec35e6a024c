import { checkOptionNames, invalid } from '../../http/index.js';
import type { HttpMethod } from '../../wire/index.js';

/** Method and path of an operation, such as `GET /agents/{agent_id}`. */
type Route = string;

/**
 * Where each operation is. No public source states the paths of Phoson, so these are guesses by the names of its methods:
 * replace those that are wrong.
 *
 * @example new PhosonClient({ apiKey, routes: { 'agents.update': 'PUT /v1/agents/{agent_id}' } });
 */
export interface PhosonRoutes {
  'agents.create': Route;
  'agents.list': Route;
  'agents.get': Route;
  'agents.update': Route;
  'agents.delete': Route;
  'agents.attachMcp': Route;
  'agents.detachMcp': Route;
  'conversations.create': Route;
  'conversations.list': Route;
  'conversations.get': Route;
  'conversations.update': Route;
  'conversations.delete': Route;
  'messages.stream': Route;
  'messages.send': Route;
  'messages.list': Route;
}

/** What the client of Phoson can be asked for. */
export type PhosonOperation = keyof PhosonRoutes;

export const DEFAULT_ROUTES: PhosonRoutes = /* @__PURE__ */ Object.freeze({
  'agents.create': 'POST /agents',
  'agents.list': 'GET /agents',
  'agents.get': 'GET /agents/{agent_id}',
  'agents.update': 'PATCH /agents/{agent_id}',
  'agents.delete': 'DELETE /agents/{agent_id}',
  'agents.attachMcp': 'POST /agents/{agent_id}/mcp/{mcp_id}',
  'agents.detachMcp': 'DELETE /agents/{agent_id}/mcp/{mcp_id}',
  'conversations.create': 'POST /conversations',
  'conversations.list': 'GET /conversations',
  'conversations.get': 'GET /conversations/{conversation_id}',
  'conversations.update': 'PATCH /conversations/{conversation_id}',
  'conversations.delete': 'DELETE /conversations/{conversation_id}',
  'messages.stream': 'POST /conversations/{conversation_id}/messages/stream',
  'messages.send': 'POST /conversations/{conversation_id}/messages',
  'messages.list': 'GET /conversations/{conversation_id}/messages',
});

const ROUTE = /^(GET|POST|PUT|PATCH|DELETE) (\/[^\s?#]*)$/;

/** The routes with those of the user's in place of ours. @throws ValidationError that names the route that cannot be. */
export function resolveRoutes(asked: Partial<PhosonRoutes> | undefined): PhosonRoutes {
  if (asked === undefined) return DEFAULT_ROUTES;
  const names = Object.keys(DEFAULT_ROUTES) as PhosonOperation[];
  checkOptionNames(asked, names, 'route');
  const routes = { ...DEFAULT_ROUTES };
  for (const name of names) {
    const route = asked[name];
    if (route === undefined || route === null) continue;
    if (typeof route !== 'string' || !ROUTE.test(route)) {
      throw invalid(`routes.${name}`, `the route "${name}" must look like "${DEFAULT_ROUTES[name]}"`);
    }
    const missing = idsIn(DEFAULT_ROUTES[name]).find((id) => !idsIn(route).includes(id));
    if (missing !== undefined) throw invalid(`routes.${name}`, `the route "${name}" must hold {${missing}}`);
    routes[name] = route;
  }
  return routes;
}

/** A route that was checked, in its two parts. */
export function splitRoute(route: Route): { readonly method: HttpMethod; readonly path: string } {
  const [method, path] = route.split(' ') as [HttpMethod, string];
  return { method, path };
}

function idsIn(route: Route): string[] {
  return [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
}
