import * as v from 'valibot';
import { MUTE_TARGET_KINDS, PRESENCE_STATUSES } from '../../../wire/index.js';
import type { Block } from '../../state/blocks.js';
import type { Complaint, Restriction } from '../../state/complaints.js';
import type { Contact } from '../../state/contacts.js';
import type { Invitation } from '../../state/invitations.js';
import type { Mute } from '../../state/mutes.js';
import type { KnownPresence } from '../../state/presences.js';
import type { Report } from '../../state/reports.js';
import { found, plainTableOf, type Table, tableOf } from './table.js';

export const contacts: Table<Contact> = plainTableOf({
  schema: v.object({
    owner: v.string(),
    handle: v.string(),
    addedAt: v.string(),
    notes: v.nullable(v.string()),
  }),
  keyOf: ({ owner, handle }) => `${owner} ${handle}`,
  restore: (world, row) => world.contacts.restore(row),
  all: (world) => world.contacts.all(),
});

export const blocks: Table<Block> = plainTableOf({
  schema: v.object({ blocker: v.string(), blocked: v.string(), at: v.string() }),
  keyOf: ({ blocker, blocked }) => `${blocker} ${blocked}`,
  restore: (world, row) => world.blocks.restore(row),
  all: (world) => world.blocks.all(),
});

export const reports: Table<Report> = plainTableOf({
  schema: v.object({ reporter: v.string(), reported: v.string() }),
  keyOf: ({ reporter, reported }) => `${reporter} ${reported}`,
  restore: (world, row) => world.reports.restore(row),
  all: (world) => world.reports.all(),
});

export const complaints: Table<Complaint> = plainTableOf({
  schema: v.object({
    about: v.string(),
    kind: v.picklist(['block', 'report']),
    by: v.string(),
    at: v.number(),
  }),
  keyOf: ({ about, kind, by }) => `${about} ${kind} ${by}`,
  restore: (world, row) => world.complaints.restore(row),
  all: (world) => world.complaints.all(),
});

export const restrictions: Table<Restriction> = plainTableOf({
  schema: v.object({ handle: v.string() }),
  keyOf: ({ handle }) => handle,
  restore: (world, row) => world.complaints.restoreRestriction(row),
  all: (world) => world.complaints.restrictions(),
});

export const mutes: Table<Mute> = plainTableOf({
  schema: v.object({
    muter: v.string(),
    kind: v.picklist(MUTE_TARGET_KINDS),
    target: v.string(),
    until: v.nullable(v.number()),
    createdAt: v.string(),
  }),
  keyOf: ({ muter, kind, target }) => `${muter} ${kind} ${target}`,
  restore: (world, row) => world.mutes.restore(row),
  all: (world) => world.mutes.all(),
});

/** Whether a socket is open is nothing to keep: after a start none is. */
export const presences: Table<KnownPresence> = tableOf({
  schema: v.object({
    handle: v.string(),
    said: v.nullable(
      v.object({
        status: v.picklist(PRESENCE_STATUSES),
        customMessage: v.nullable(v.string()),
        at: v.number(),
      }),
    ),
    lastSeen: v.number(),
  }),
  keyOf: ({ handle }) => handle,
  rowOf: ({ handle, said, lastSeen }) => ({ handle, said: said ?? null, lastSeen }),
  restore: (world, { handle, said, lastSeen }) =>
    world.presences.restore({ handle, said: said ?? undefined, isConnected: false, lastSeen }),
  all: (world) => world.presences.all(),
});

export const invitations: Table<Invitation> = tableOf({
  schema: v.object({
    id: v.string(),
    group: v.string(),
    invitee: v.string(),
    inviter: v.string(),
    createdAt: v.string(),
  }),
  keyOf: ({ id }) => id,
  rowOf: ({ group, ...facts }) => ({ ...facts, group: group.id }),
  restore: (world, row) =>
    world.invitations.restore({ ...row, group: found(world.conversations.group(row.group), 'a group') }),
  all: (world) => world.invitations.all(),
});
