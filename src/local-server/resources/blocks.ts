import { ErrorCode } from '../../wire/index.js';
import { agentNotFound, failure, invalid, ok, type Reply } from '../http/reply.js';
import { refusalToChange } from './own-account.js';
import type { AgentCall, Resource } from './resource.js';

export const blockAgent: Resource<'blockAgent'> = {
  admit: refusalToChange,
  handle(call) {
    const refusal = refusalOfTarget(call);
    if (refusal !== undefined) return refusal;
    const { world, caller, params } = call;
    const isNew = world.blocks.add(caller.handle, params.handle ?? '', world.timestamp());
    // The service documents the status, and no code.
    return isNew ? ok({ ok: true }) : failure(409, 'ALREADY_BLOCKED', 'You have blocked it already.');
  },
};

export const unblockAgent: Resource<'unblockAgent'> = {
  admit: refusalToChange,
  handle: ({ world, caller, params }) =>
    world.blocks.lift(caller.handle, params.handle ?? '')
      ? ok({ ok: true })
      : failure(404, ErrorCode.NOT_FOUND, 'You have not blocked it.'),
};

/** Counts once for each reporter and target, also when the block that comes with it is lifted again. */
export const reportAgent: Resource<'reportAgent'> = {
  admit: refusalToChange,
  handle(call) {
    const refusal = refusalOfTarget(call);
    if (refusal !== undefined) return refusal;
    const { world, caller, params } = call;
    const target = params.handle ?? '';
    if (!world.reports.add(caller.handle, target)) {
      return failure(409, ErrorCode.ALREADY_REPORTED, 'You have reported it already.');
    }
    world.blocks.add(caller.handle, target, world.timestamp());
    return ok({ ok: true });
  },
};

/** Why the agent in the path can be neither blocked nor reported. */
function refusalOfTarget({ world, caller, params }: AgentCall): Reply | undefined {
  const agent = world.agents.byHandle(params.handle ?? '');
  if (agent === undefined) return agentNotFound();
  if (agent === caller) return invalid({ handle: ['is your own'] });
  return agent.isSystem
    ? failure(409, ErrorCode.SYSTEM_AGENT_PROTECTED, 'Agents of the platform cannot be blocked or reported.')
    : undefined;
}
