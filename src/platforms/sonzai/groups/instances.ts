import { checkFilled } from '../../../http/index.js';
import type { SonzaiCallOptions } from '../call-options.js';
import { checkFields } from '../checks.js';
import type { CreateInstance, Instance, InstanceList } from '../records/agent.js';
import { asRecord } from '../records/as-record.js';
import type { Success } from '../records/open-record.js';
import { Group } from './group.js';

const INSTANCES = '/agents/{agentId}/instances';
const INSTANCE = `${INSTANCES}/{instanceId}`;

/** Copies of an agent, each with memories of its own. */
export class Instances extends Group {
  async list(agentId: string, options: SonzaiCallOptions = {}): Promise<InstanceList> {
    const operation = {
      label: 'agents.instances.list',
      method: 'GET',
      path: INSTANCES,
      ids: { agentId },
    } as const;
    return this.wire.lists<InstanceList>(operation, ['instances'], options);
  }

  async create(agentId: string, fields: CreateInstance, options: SonzaiCallOptions = {}): Promise<Instance> {
    const label = 'agents.instances.create';
    checkFields(fields, label);
    checkFilled(fields.name, 'name');
    return this.wire.object(
      { label, method: 'POST', path: INSTANCES, ids: { agentId }, body: fields },
      options,
    );
  }

  /** Deletes everything that an instance remembers. */
  async reset(agentId: string, instanceId: string, options: SonzaiCallOptions = {}): Promise<Instance> {
    const label = 'agents.instances.reset';
    const ids = { agentId, instanceId };
    const answer = await this.wire.object({ label, method: 'POST', path: `${INSTANCE}/reset`, ids }, options);
    // The sources disagree on whether it stands in the answer, or is the answer.
    return (asRecord(answer.instance) ?? answer) as Instance;
  }

  async delete(agentId: string, instanceId: string, options: SonzaiCallOptions = {}): Promise<Success> {
    const label = 'agents.instances.delete';
    const ids = { agentId, instanceId };
    return this.wire.object({ label, method: 'DELETE', path: INSTANCE, ids }, options);
  }
}
