import {
  ErrorCode,
  type NewKeyResponse,
  normalizeHandle,
  type RecoverRequest,
  type RecoverResponse,
  type RotateKeyResponse,
  type VerifyRequest,
} from '../../wire/index.js';
import { failure, ok, type Reply } from '../http/reply.js';
import type { AgentRecord } from '../state/records.js';
import { CODE_MESSAGE, codeRefused, refusalOfAttempt, refusalOfCode } from './codes.js';
import { notYours, refusalToChange } from './own-account.js';
import type { Call, Resource } from './resource.js';

/** Answers the same whether or not it finds anybody, so that nobody can probe for addresses. */
export const recover: Resource<'recover'> = {
  handle({ world, body, address, log }) {
    const request = body as RecoverRequest;
    const email = request.email.trim().toLowerCase();
    const limited = refusalOfCode(world, 'recoveries', address, email);
    if (limited !== undefined) return limited;
    const owned = world.agents.ofAddress(email);
    const wanted = request.handle === undefined ? undefined : normalizeHandle(request.handle);
    const agents = wanted === undefined ? owned : owned.filter(({ handle }) => handle === wanted);
    const pending = world.codes.issue({ kind: 'recovery', agents }, world.now());
    if (agents.length > 0) log(`one-time code for the recovery of ${email} (${pending.id}): ${pending.code}`);
    const response: RecoverResponse = {
      pending_id: pending.id,
      message: `${CODE_MESSAGE} If there is no such agent, there is none.`,
    };
    return ok(response);
  },
};

export const recoverVerify: Resource<'recoverVerify'> = {
  handle(call) {
    const { world, body, address } = call;
    const { pending_id, code } = body as VerifyRequest;
    const limited = refusalOfAttempt(world, 'recoveryVerifications', address);
    if (limited !== undefined) return limited;
    const check = world.codes.check('recovery', pending_id, code, world.now());
    if (check.kind !== 'right') return codeRefused(check.kind);
    const living = check.purpose.agents.filter(({ status }) => status !== 'deleted');
    const [agent, ...others] = living;
    if (agent === undefined) return codeRefused('expired');
    if (others.length > 0) {
      return failure(409, ErrorCode.HANDLE_REQUIRED, 'The address owns several agents: say which.', {
        details: { handles: living.map(({ handle }) => handle) },
      });
    }
    return newKey(call, agent);
  },
};

export const rotateKey: Resource<'rotateKey'> = {
  admit: refusalToChange,
  handle(call) {
    const { world, caller, address, log } = call;
    const foreign = notYours(call);
    if (foreign !== undefined) return foreign;
    const limited = refusalOfCode(world, 'rotations', address, caller.email);
    if (limited !== undefined) return limited;
    const pending = world.codes.issue({ kind: 'rotation', agent: caller }, world.now());
    log(`one-time code for the new key of ${caller.handle} (${pending.id}): ${pending.code}`);
    const response: RotateKeyResponse = { pending_id: pending.id, message: CODE_MESSAGE };
    return ok(response);
  },
};

export const rotateKeyVerify: Resource<'rotateKeyVerify'> = {
  admit: refusalToChange,
  handle(call) {
    const { world, caller, body } = call;
    const foreign = notYours(call);
    if (foreign !== undefined) return foreign;
    const { pending_id, code } = body as VerifyRequest;
    const check = world.codes.check('rotation', pending_id, code, world.now());
    if (check.kind !== 'right') return codeRefused(check.kind);
    return check.purpose.agent === caller ? newKey(call, caller) : codeRefused('expired');
  },
};

/** The old key dies at this moment, and with it the connections that it opened. */
function newKey({ world, pushes }: Call, agent: AgentRecord): Reply {
  const api_key = world.agents.rotateKey(agent, world.timestamp());
  const response: NewKeyResponse = { handle: agent.handle, api_key };
  return { ...ok(response), afterwards: () => pushes.hangUp(agent) };
}
