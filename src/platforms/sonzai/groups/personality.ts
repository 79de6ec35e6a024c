import { checkOptionNames } from '../../../http/index.js';
import type { SonzaiCallOptions } from '../call-options.js';
import type { Personality, PersonalityQuery } from '../records/personality.js';
import { Group } from './group.js';

/** Who an agent is. */
export class PersonalityMethods extends Group {
  /** The personality of today, and how it became so. */
  async get(
    agentId: string,
    query: PersonalityQuery = {},
    options: SonzaiCallOptions = {},
  ): Promise<Personality> {
    const label = 'agents.personality.get';
    checkOptionNames(query, ['history_limit', 'since'], `${label} field`);
    const path = '/agents/{agentId}/personality';
    const operation = { label, method: 'GET', path, ids: { agentId }, query: { ...query } } as const;
    return this.wire.lists<Personality>(operation, ['evolution'], options);
  }
}
