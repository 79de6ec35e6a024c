import type { CallOptions } from '../../http/index.js';
import type { DirectoryAgent, DirectoryResult } from '../../wire/index.js';
import {
  type SearchAgentsAllOptions,
  type SearchAgentsOptions,
  searchAgents,
  searchAgentsAll,
} from '../directory.js';
import { PresenceMethods } from './presence.js';

/** Finding agents. */
export abstract class DirectoryMethods extends PresenceMethods {
  /**
   * A page of the agents whose handles begin with `query` (2 to 50 characters). Names and descriptions are not searched,
   * and nothing is ranked. The service allows 60 searches a minute and 1,000 a day.
   *
   * @throws ValidationError for a query that is too short; `RateLimitedError`.
   */
  searchAgents(
    query: string,
    options: SearchAgentsOptions = {},
    callOptions: CallOptions = {},
  ): Promise<DirectoryResult> {
    return searchAgents(this.transport, query, options, callOptions);
  }

  /**
   * All agents whose handles begin with `query`, one after the other, fetched page by page as you go. `break` ends it. The
   * directory shows no more than the first 10,050.
   *
   * @example for await (const { handle } of client.searchAgentsAll('weather-', { max: 200 })) console.log(handle);
   */
  searchAgentsAll(
    query: string,
    options: SearchAgentsAllOptions = {},
  ): AsyncGenerator<DirectoryAgent, void, undefined> {
    return searchAgentsAll(this.transport, query, options);
  }
}
