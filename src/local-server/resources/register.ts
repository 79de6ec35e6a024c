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
import { failure, ok, type Reply, rateLimited } from '../http/reply.js';
import { AGENTS_PER_ADDRESS } from '../state/quotas.js';
import type { World } from '../state/world.js';
import type { Call, Resource } from './resource.js';
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
    const isText = typeof (body as Partial<RegisterRequest>).handle === 'string';
    return isHandleOnly && isText ? invalidHandle(fieldErrors.handle?.[0] ?? 'is not valid') : undefined;
  },

  handle({ world, body, address, log }) {
    // The schema has been over it.
    const request = body as RegisterRequest;
    const handle = normalizeHandle(request.handle);
    const email = request.email.trim().toLowerCase();
    const limited = limitsOnRegister(world, address, email);
    if (limited !== undefined) return limited;
    if (RESERVED.has(handle)) return invalidHandle('is reserved');
    const taken = refusalToCreate(world, handle, email);
    if (taken !== undefined) return taken;
    const pending = world.registrations.start(
      { email, handle, displayName: request.display_name, description: request.description },
      world.now(),
    );
    log(`one-time code for ${handle} (${pending.id}): ${pending.code}`);
    const response: RegisterResponse = {
      pending_id: pending.id,
      message: 'A code would have been mailed. The local server gives it away instead: see its log.',
    };
    return ok(response);
  },
};

export const verify: Resource<'verify'> = {
  handle(call) {
    const { world, body } = call;
    const { pending_id, code } = body as VerifyRequest;
    const limited = limitsOnVerify(call);
    if (limited !== undefined) return limited;
    const check = world.registrations.check(pending_id, code, world.now());
    if (check.kind === 'wrong') return failure(400, ErrorCode.INVALID_CODE, 'The code is wrong.');
    if (check.kind === 'expired') {
      return failure(400, ErrorCode.EXPIRED, 'There is no such registration any more. Start again.');
    }
    const { pending } = check;
    const taken = refusalToCreate(world, pending.handle, pending.email);
    if (taken !== undefined) return taken;
    const { agent, apiKey } = world.agents.create(pending, world.timestamp());
    const response: VerifyResponse = { agent: selfView(agent), api_key: apiKey };
    return { status: 201, body: response };
  },
};

function limitsOnRegister({ quotas, now }: World, address: string, email: string): Reply | undefined {
  if (quotas.kind === 'off') return undefined;
  const at = now();
  const networkWaitMs = quotas.registrations.waitMs(address, at);
  if (networkWaitMs > 0) {
    return rateLimited(ErrorCode.RATE_LIMITED, 'Too many registrations from this address.', networkWaitMs);
  }
  const cooldownMs = quotas.codeCooldown.waitMs(email, at);
  if (cooldownMs > 0)
    return rateLimited(ErrorCode.OTP_COOLDOWN, 'A code was mailed a moment ago.', cooldownMs);
  const codesWaitMs = quotas.codes.waitMs(email, at);
  if (codesWaitMs > 0) {
    return rateLimited(ErrorCode.RATE_LIMITED, 'Too many codes for this e-mail address.', codesWaitMs);
  }
  quotas.registrations.take(address, at);
  quotas.codeCooldown.take(email, at);
  quotas.codes.take(email, at);
  return undefined;
}

function limitsOnVerify({ world, address }: Call): Reply | undefined {
  const { quotas } = world;
  if (quotas.kind === 'off') return undefined;
  const at = world.now();
  const waitMs = quotas.verifications.waitMs(address, at);
  if (waitMs > 0)
    return rateLimited(ErrorCode.RATE_LIMITED, 'Too many codes tried from this address.', waitMs);
  quotas.verifications.take(address, at);
  return undefined;
}

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
