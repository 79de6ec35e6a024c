import * as v from 'valibot';
import type { Remembered } from '../../state/idempotency.js';
import type { CodePurpose, PendingCode } from '../../state/one-time-codes.js';
import type { ReplyClaim, ReplySession } from '../../state/reply-claims.js';
import type { World } from '../../state/world.js';
import { found, plainTableOf, type Table, tableOf } from './table.js';

const purposeSchema = v.variant('kind', [
  v.object({
    kind: v.literal('registration'),
    email: v.string(),
    handle: v.string(),
    displayName: v.nullable(v.string()),
    description: v.nullable(v.string()),
  }),
  v.object({ kind: v.literal('recovery'), agents: v.array(v.string()) }),
  v.object({ kind: v.literal('rotation'), agent: v.string() }),
]);

export const codes: Table<PendingCode> = tableOf({
  schema: v.object({
    id: v.string(),
    purpose: purposeSchema,
    code: v.string(),
    startedAt: v.number(),
    wrongCodes: v.number(),
  }),
  keyOf: ({ id }) => id,
  rowOf: ({ purpose, ...facts }) => ({ ...facts, purpose: purposeRow(purpose) }),
  restore: (world, row) => world.codes.restore({ ...row, purpose: purposeAt(world, row.purpose) }),
  all: (world) => world.codes.all(),
});

function purposeRow(purpose: CodePurpose): v.InferOutput<typeof purposeSchema> {
  switch (purpose.kind) {
    case 'registration':
      return {
        ...purpose,
        displayName: purpose.displayName ?? null,
        description: purpose.description ?? null,
      };
    case 'recovery':
      return { kind: 'recovery', agents: purpose.agents.map(({ handle }) => handle) };
    case 'rotation':
      return { kind: 'rotation', agent: purpose.agent.handle };
  }
}

function purposeAt({ agents }: World, row: v.InferOutput<typeof purposeSchema>): CodePurpose {
  switch (row.kind) {
    case 'registration':
      return {
        ...row,
        displayName: row.displayName ?? undefined,
        description: row.description ?? undefined,
      };
    case 'recovery':
      return { kind: 'recovery', agents: row.agents.map((handle) => found(agents.ever(handle), 'an agent')) };
    case 'rotation':
      return { kind: 'rotation', agent: found(agents.ever(row.agent), 'an agent') };
  }
}

export const replyClaims: Table<ReplyClaim> = plainTableOf({
  schema: v.object({ handle: v.string(), messageId: v.string(), holder: v.string() }),
  keyOf: ({ handle, messageId }) => `${handle} ${messageId}`,
  restore: (world, row) => world.replyClaims.restore(row),
  all: (world) => world.replyClaims.all(),
});

export const replySessions: Table<ReplySession> = plainTableOf({
  schema: v.object({ handle: v.string(), session: v.string(), until: v.number() }),
  keyOf: ({ handle, session }) => `${handle} ${session}`,
  restore: (world, row) => world.replyClaims.restoreSession(row),
  all: (world) => world.replyClaims.sessions(),
});

export const idempotency: Table<Remembered> = tableOf({
  schema: v.object({
    handle: v.string(),
    key: v.string(),
    fingerprint: v.string(),
    at: v.number(),
    busyUntil: v.number(),
    reply: v.object({
      status: v.number(),
      body: v.optional(v.unknown()),
      headers: v.optional(v.record(v.string(), v.string())),
    }),
  }),
  keyOf: ({ handle, key }) => `${handle} ${key}`,
  rowOf: ({ reply: { status, body, headers }, ...facts }) => ({
    ...facts,
    reply: { status, body, ...(headers === undefined ? {} : { headers: { ...headers } }) },
  }),
  restore(world, { reply: { status, body, headers }, ...facts }) {
    const reply = { status, body, ...(headers === undefined ? {} : { headers }) };
    world.idempotency.restore({ ...facts, reply });
  },
  all: (world) => world.idempotency.all(),
});
