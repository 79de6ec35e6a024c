import { checkFilled, checkOptionNames } from '../../../http/index.js';
import type { SonzaiCallOptions } from '../call-options.js';
import { checkFields } from '../checks.js';
import type {
  CustomState,
  CustomStateKey,
  CustomStateList,
  ListCustomStates,
  WriteCustomState,
} from '../records/custom-state.js';
import { UPSERT_LABEL } from '../sonzai-dialect.js';
import { Group } from './group.js';

const STATES = '/agents/{agentId}/custom-states';
const BY_KEY = `${STATES}/by-key`;
const NAMES: readonly string[] = ['key', 'scope', 'user_id', 'instance_id'];

/** Values of your own that are kept with an agent: for all, or for one person. */
export class CustomStates extends Group {
  /** @throws ConflictError when the key is taken: `upsert` does not mind. */
  async create(
    agentId: string,
    fields: WriteCustomState,
    options: SonzaiCallOptions = {},
  ): Promise<CustomState> {
    const label = 'agents.customStates.create';
    const body = stateOf(fields, label);
    return this.wire.object({ label, method: 'POST', path: STATES, ids: { agentId }, body }, options);
  }

  async list(
    agentId: string,
    query: ListCustomStates = {},
    options: SonzaiCallOptions = {},
  ): Promise<CustomStateList> {
    const label = 'agents.customStates.list';
    checkOptionNames(query, NAMES, `${label} field`);
    const operation = { label, method: 'GET', path: STATES, ids: { agentId }, query: { ...query } } as const;
    return this.wire.lists<CustomStateList>(operation, ['states'], options);
  }

  /** Writes a value, whether there is one of this key or not. Repeated when it fails: it leaves the same. */
  async upsert(
    agentId: string,
    fields: WriteCustomState,
    options: SonzaiCallOptions = {},
  ): Promise<CustomState> {
    const body = stateOf(fields, UPSERT_LABEL);
    const operation = { label: UPSERT_LABEL, method: 'PUT', path: BY_KEY, ids: { agentId }, body } as const;
    return this.wire.object(operation, options);
  }

  /** @throws NotFoundError when there is none. */
  async getByKey(
    agentId: string,
    query: CustomStateKey,
    options: SonzaiCallOptions = {},
  ): Promise<CustomState> {
    const label = 'agents.customStates.getByKey';
    checkKey(query, label);
    return this.wire.object(
      { label, method: 'GET', path: BY_KEY, ids: { agentId }, query: { ...query } },
      options,
    );
  }

  async deleteByKey(agentId: string, query: CustomStateKey, options: SonzaiCallOptions = {}): Promise<void> {
    const label = 'agents.customStates.deleteByKey';
    checkKey(query, label);
    const operation = {
      label,
      method: 'DELETE',
      path: BY_KEY,
      ids: { agentId },
      query: { ...query },
    } as const;
    await this.wire.nothing(operation, options);
  }
}

function stateOf(fields: WriteCustomState, label: string): WriteCustomState {
  checkFields(fields, label);
  checkFilled(fields.key, 'key');
  return fields;
}

function checkKey(query: CustomStateKey, label: string): void {
  checkOptionNames(query, NAMES, `${label} field`);
  checkFilled(query.key, 'key');
}
