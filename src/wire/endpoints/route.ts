import { normalizeHandle } from '../handles.js';
import type { Endpoint, HttpMethod } from './endpoint.js';
import type { EndpointKey } from './keys.js';
import { endpoints } from './table.js';

/** The endpoint that a request is for. */
export interface EndpointMatch {
  readonly key: EndpointKey;
  readonly endpoint: Endpoint;
  /** The values in the path, decoded; a `handle` in the service's spelling. */
  readonly params: Readonly<Record<string, string>>;
}

/** A path cut into segments, of which `null` stands for any value, with the endpoints that differ by method only. */
interface Shape {
  readonly segments: readonly (string | null)[];
  readonly endpoints: readonly (readonly [EndpointKey, Endpoint])[];
}

const isParameter = (segment: string) => segment.startsWith('{');

function shapeOf(path: string): string {
  return path
    .split('/')
    .map((segment) => (isParameter(segment) ? '*' : segment))
    .join('/');
}

/** Literal segments before parameters, from the left: `/v1/agents/me` is tried before `/v1/agents/{handle}`. */
function bySpecificity(left: Shape, right: Shape): number {
  if (left.segments.length !== right.segments.length) return left.segments.length - right.segments.length;
  const at = left.segments.findIndex(
    (segment, index) => (segment === null) !== (right.segments[index] === null),
  );
  return at === -1 ? 0 : left.segments[at] === null ? 1 : -1;
}

function buildShapes(): readonly Shape[] {
  const byShape = new Map<string, [EndpointKey, Endpoint][]>();
  for (const [key, endpoint] of Object.entries(endpoints) as [EndpointKey, Endpoint][]) {
    const shape = shapeOf(endpoint.path);
    byShape.set(shape, [...(byShape.get(shape) ?? []), [key, endpoint]]);
  }
  return [...byShape]
    .map(([shape, group]) => ({
      segments: shape.split('/').map((segment) => (segment === '*' ? null : segment)),
      endpoints: group,
    }))
    .sort(bySpecificity);
}

const shapes: readonly Shape[] = /* @__PURE__ */ buildShapes();

/** The decoded segments of a path; `null` when its percent-encoding is broken. */
function segmentsOf(pathname: string): readonly string[] | null {
  try {
    return pathname.split('/').map(decodeURIComponent);
  } catch {
    return null;
  }
}

function findShape(segments: readonly string[]): Shape | undefined {
  return shapes.find(
    (shape) =>
      shape.segments.length === segments.length &&
      shape.segments.every((expected, index) =>
        expected === null ? segments[index] !== '' : segments[index] === expected,
      ),
  );
}

/**
 * The endpoint for a method and a path (without base path and query), or `null` when there is none. The path decides
 * first: `DELETE /v1/agents/me` is not the deletion of an agent called "me". No path makes this throw.
 */
export function matchEndpoint(method: string, pathname: string): EndpointMatch | null {
  const segments = segmentsOf(pathname);
  if (segments === null) return null;
  const found = findShape(segments)?.endpoints.find(([, endpoint]) => endpoint.method === method);
  if (found === undefined) return null;
  const [key, endpoint] = found;
  const params = endpoint.path.split('/').flatMap((segment, index) => {
    if (!isParameter(segment)) return [];
    const name = segment.slice(1, -1);
    const value = segments[index] ?? '';
    return [[name, name === 'handle' ? normalizeHandle(value) : value] as const];
  });
  return { key, endpoint, params: Object.fromEntries(params) };
}

/** The methods that a path knows: what an `Allow` header says beside a 405. Empty for an unknown path, which is a 404. */
export function methodsOf(pathname: string): readonly HttpMethod[] {
  const segments = segmentsOf(pathname);
  const shape = segments === null ? undefined : findShape(segments);
  return shape === undefined ? [] : shape.endpoints.map(([, endpoint]) => endpoint.method);
}
