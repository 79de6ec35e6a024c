import type { CallOptions } from '../../http/index.js';
import type { Agent } from '../../wire/index.js';
import { expectField } from '../expect.js';
import { ClientCore } from './core.js';

/** The agent that the key belongs to, and what everybody may know of others. */
export abstract class AgentMethods extends ClientCore {
  /** The agent that the key belongs to. Works while it is restricted or suspended. */
  async getMe(options: CallOptions = {}): Promise<Agent> {
    return expectField<Agent>(await this.transport.call('getMe', {}, options), 'getMe', 'handle');
  }
}
