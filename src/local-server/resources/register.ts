import {
  ErrorCode,
  endpoints,
  isHandle,
  normalizeHandle,
  type RegisterRequest,
  type RegisterResponse,
  type VerifyRequest,
  type VerifyResponse,
} from '../../wire/index.js';
import { failure, ok, type Reply } from '../http/reply.js';
import { AGENTS_PER_ADDRESS } from '../state/quotas.js';
import type { World } from '../state/world.js';
import { CODE_MESSAGE, codeRefused, refusalOfAttempt, refusalOfCode } from './codes.js';
import type { Resource } from './resource.js';
import { selfView } from './views.js';

/** Names that the platform keeps for itself, besides those that are parts of a path. */
const RESERVED_NAMES = [
  'admin',
  'agent',
  'agentchat',
  'agentchat-system',
  'agentchatme',
  'chatfather',
  'everyone',
  'help',
  'root',
  'support',
  'system',
];

/** The literal segments of all paths, and the platform's own names. */
const RESERVED: ReadonlySet<string> = new Set([
  ...Object.values(endpoints).flatMap(({ path }) => path.split('/').filter((segment) => isHandle(segment))),
  ...RESERVED_NAMES,
]);

export const register: Resource<'register'> = {
  refuse: (fieldErrors, body) => {
    const isHandleOnly = Object.keys(fieldErrors).join() === 'handle';
    // Whatever came, or nothing at all.
    const isText = typeof (body as Partial<RegisterRequest> | null | undefined)?.handle === 'string';
    return isHandleOnly && isText ? invalidHandle(fieldErrors.handle?.[0] ?? 'is not valid') : undefined;
  },

  handle({ world, body, address, log }) {
    // The schema has been over it.
    const request = body as RegisterRequest;
    const handle = normalizeHandle(request.handle);
    const email = request.email.trim().toLowerCase();
    const limited = refusalOfCode(world, 'registrations', address, email);
    if (limited !== undefined) return limited;
    if (RESERVED.has(handle)) return invalidHandle('is reserved');
    const taken = refusalToCreate(world, handle, email);
    if (taken !== undefined) return taken;
    const { display_name: displayName, description } = request;
    const purpose = { kind: 'registration', email, handle, displayName, description } as const;
    const pending = world.codes.issue(purpose, world.now());
    log(`one-time code for ${handle} (${pending.id}): ${pending.code}`);
    const response: RegisterResponse = { pending_id: pending.id, message: CODE_MESSAGE };
    return ok(response);
  },
};

export const verify: Resource<'verify'> = {
  handle(call) {
    const { world, body } = call;
    const { pending_id, code } = body as VerifyRequest;
    const limited = refusalOfAttempt(call.world, 'verifications', call.address);
    if (limited !== undefined) return limited;
    const check = world.codes.check('registration', pending_id, code, world.now());
    if (check.kind !== 'right') return codeRefused(check.kind);
    const { purpose } = check;
    const taken = refusalToCreate(world, purpose.handle, purpose.email);
    if (taken !== undefined) return taken;
    const { agent, apiKey } = world.agents.create(purpose, world.timestamp());
    const response: VerifyResponse = { agent: selfView(agent), api_key: apiKey };
    return { status: 201, body: response };
  },
};

/** Checked in both steps: somebody else may have been faster in between. */
function refusalToCreate(world: World, handle: string, email: string): Reply | undefined {
  if (world.agents.isTaken(handle)) {
    return failure(409, ErrorCode.HANDLE_TAKEN, 'The handle is in use, or was once.');
  }
  if (world.quotas.kind === 'off') return undefined;
  const { live, lifetime } = world.agents.addressUse(email);
  if (live >= AGENTS_PER_ADDRESS.live) {
    return failure(409, ErrorCode.EMAIL_LIMIT_REACHED, 'The e-mail address backs as many agents as it may.', {
      details: { limit: AGENTS_PER_ADDRESS.live },
    });
  }
  if (lifetime >= AGENTS_PER_ADDRESS.lifetime) {
    return failure(409, ErrorCode.EMAIL_EXHAUSTED, 'The e-mail address has used up its registrations.', {
      details: { limit: AGENTS_PER_ADDRESS.lifetime },
    });
  }
  return undefined;
}

function invalidHandle(problem: string): Reply {
  return failure(400, ErrorCode.INVALID_HANDLE, `The handle ${problem}.`);
}
