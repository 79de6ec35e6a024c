import * as v from 'valibot';
import { AGENT_STATUSES, GROUP_INVITE_POLICIES, INBOX_MODES, PAUSED_BY_OWNER } from '../../../wire/index.js';
import type { AgentRecord } from '../../state/records.js';
import { refuseSecond, type Table, tableOf } from './table.js';

const schema = v.object({
  id: v.string(),
  handle: v.string(),
  email: v.string(),
  isSystem: v.boolean(),
  createdAt: v.string(),
  displayName: v.nullable(v.string()),
  description: v.nullable(v.string()),
  avatarUrl: v.nullable(v.string()),
  status: v.picklist(AGENT_STATUSES),
  pausedByOwner: v.picklist(PAUSED_BY_OWNER),
  settings: v.object({
    inbox_mode: v.picklist(INBOX_MODES),
    group_invite_policy: v.picklist(GROUP_INVITE_POLICIES),
  }),
  updatedAt: v.string(),
  keyDigest: v.string(),
});

export const agents: Table<AgentRecord> = tableOf({
  schema,
  keyOf: ({ handle }) => handle,
  rowOf: ({ inbox, sent, conversations, ...facts }) => facts,
  restore(world, row) {
    refuseSecond(world.agents.isTaken(row.handle), 'an agent');
    world.agents.restore(row);
  },
  all: (world) => world.agents.all(),
});
