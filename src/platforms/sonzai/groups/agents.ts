import { checkFilled } from '../../../http/index.js';
import type { SonzaiCallOptions } from '../call-options.js';
import { wireCapabilities } from '../casing/wire-capabilities.js';
import { checkFields } from '../checks.js';
import type { AgentDetail, CreateAgent } from '../records/agent.js';
import type { Capabilities, CapabilitiesUpdate } from '../records/capabilities.js';
import type { SonzaiWire } from '../sonzai-wire.js';
import { CustomStates } from './custom-states.js';
import { EvaluationMethods } from './evaluation-methods.js';
import { Instances } from './instances.js';
import { Memory } from './memory.js';
import { NotificationMethods } from './notifications.js';
import { PersonalityMethods } from './personality.js';
import { Sessions } from './sessions.js';

const CAPABILITIES = '/agents/{agentId}/capabilities';
const CAPABILITY_LISTS = ['mcp_enabled', 'customTools', 'pendingCapabilities'] as const;

/** Agents, and what they say, remember and feel. An agent is named by its id or by its name. */
export class Agents extends EvaluationMethods {
  readonly instances: Instances;
  readonly memory: Memory;
  readonly personality: PersonalityMethods;
  readonly sessions: Sessions;
  readonly notifications: NotificationMethods;
  readonly customStates: CustomStates;

  constructor(wire: SonzaiWire) {
    super(wire);
    this.instances = new Instances(wire);
    this.memory = new Memory(wire);
    this.personality = new PersonalityMethods(wire);
    this.sessions = new Sessions(wire, this);
    this.notifications = new NotificationMethods(wire);
    this.customStates = new CustomStates(wire);
  }

  /** Creates an agent, or changes the one that has this id or name. */
  async create(fields: CreateAgent, options: SonzaiCallOptions = {}): Promise<AgentDetail> {
    const label = 'agents.create';
    checkFields(fields, label);
    checkFilled(fields.name, 'name');
    const { proactive_mode: proactiveMode, ...rest } = fields;
    return this.wire.object(
      { label, method: 'POST', path: '/agents', body: { ...rest, proactiveMode } },
      options,
    );
  }

  /** What an agent can do. The names are in camelCase, as the platform answers. */
  async getCapabilities(agentId: string, options: SonzaiCallOptions = {}): Promise<Capabilities> {
    const operation = {
      label: 'agents.getCapabilities',
      method: 'GET',
      path: CAPABILITIES,
      ids: { agentId },
    } as const;
    return this.wire.lists<Capabilities>(operation, CAPABILITY_LISTS, options);
  }

  /** Changes what is given. */
  async updateCapabilities(
    agentId: string,
    fields: CapabilitiesUpdate,
    options: SonzaiCallOptions = {},
  ): Promise<Capabilities> {
    const label = 'agents.updateCapabilities';
    const body = wireCapabilities(fields);
    const operation = { label, method: 'PUT', path: CAPABILITIES, ids: { agentId }, body } as const;
    return this.wire.lists<Capabilities>(operation, CAPABILITY_LISTS, options);
  }
}
