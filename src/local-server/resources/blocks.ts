import { ErrorCode } from '../../wire/index.js';
import { complain } from '../actions/standing.js';
import { agentNotFound, failure, invalid, ok, type Reply } from '../http/reply.js';
import type { AgentRecord } from '../state/records.js';
import { refusalToChange } from './own-account.js';
import type { AgentCall, Resource } from './resource.js';

export const blockAgent: Resource<'blockAgent'> = {
  admit: refusalToChange,
  handle(call) {
    const target = targetOf(call);
    if (target.kind === 'refused') return target.reply;
    return block(call, target.agent)
      ? ok({ ok: true })
      : // The service documents the status, and no code.
        failure(409, 'ALREADY_BLOCKED', 'You have blocked it already.');
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
    const target = targetOf(call);
    if (target.kind === 'refused') return target.reply;
    const { world, caller } = call;
    if (!world.reports.add(caller.handle, target.agent.handle)) {
      return failure(409, ErrorCode.ALREADY_REPORTED, 'You have reported it already.');
    }
    block(call, target.agent);
    complain(world, 'report', caller, target.agent);
    return ok({ ok: true });
  },
};

type Target =
  | { readonly kind: 'agent'; readonly agent: AgentRecord }
  | { readonly kind: 'refused'; readonly reply: Reply };

/** The agent in the path, or why it can be neither blocked nor reported. */
function targetOf({ world, caller, params }: AgentCall): Target {
  const refused = (reply: Reply): Target => ({ kind: 'refused', reply });
  const agent = world.agents.byHandle(params.handle ?? '');
  if (agent === undefined) return refused(agentNotFound());
  if (agent === caller) return refused(invalid({ handle: ['is your own'] }));
  if (!agent.isSystem) return { kind: 'agent', agent };
  const message = 'Agents of the platform cannot be blocked or reported.';
  return refused(failure(409, ErrorCode.SYSTEM_AGENT_PROTECTED, message));
}

/** Blocks; says whether it was not blocked before. */
function block({ world, caller }: AgentCall, agent: AgentRecord): boolean {
  const isNew = world.blocks.add(caller.handle, agent.handle, world.timestamp());
  if (isNew) complain(world, 'block', caller, agent);
  return isNew;
}
