import { agentEndpoints } from './agents.js';
import type { Endpoint } from './endpoint.js';
import { groupEndpoints } from './groups.js';
import { integrationEndpoints } from './integrations.js';
import type { EndpointKey } from './keys.js';
import { messageEndpoints } from './messages.js';
import { peopleEndpoints } from './people.js';

/**
 * Everything that the service can be asked, under the name of the client's method for it. Put together in a call, which
 * can be marked pure as a spread cannot: a bundler drops the table from a program that asks nothing.
 */
export const endpoints = /* @__PURE__ */ table();

function table() {
  return {
    ...agentEndpoints,
    ...messageEndpoints,
    ...groupEndpoints,
    ...peopleEndpoints,
    ...integrationEndpoints,
  } as const satisfies Record<EndpointKey, Endpoint>;
}
