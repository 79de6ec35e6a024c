export type { Endpoint, HttpMethod, Repeatable, RequestBody } from './endpoint.js';
export type { EndpointKey } from './keys.js';
export { decodeQuery, encodeQuery, type PathParams, pathOf, type QueryValue } from './path.js';
export { type EndpointMatch, matchEndpoint, methodsOf } from './route.js';
export { endpoints } from './table.js';
