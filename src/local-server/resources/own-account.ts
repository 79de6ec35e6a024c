import { ErrorCode } from '../../wire/index.js';
import { failure, type Reply } from '../http/reply.js';
import type { AgentRecord } from '../state/records.js';
import type { AgentCall } from './resource.js';

/** Why an account may change nothing: a suspended one may only look. A pause by the owner is about messages. */
export function refusalToChange(agent: AgentRecord): Reply | undefined {
  return agent.status === 'suspended'
    ? failure(403, ErrorCode.SUSPENDED, 'The agent is suspended: it may change nothing.')
    : undefined;
}

/** The refusal of a request for the account in its path; `undefined` when that is the caller's own. */
export function notYours({ caller, params }: AgentCall): Reply | undefined {
  return params.handle === caller.handle
    ? undefined
    : failure(403, ErrorCode.FORBIDDEN, 'Only an agent itself may do this.');
}
