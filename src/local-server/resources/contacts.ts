import {
  type AddContactRequest,
  type ContactCheckResult,
  type ContactEntry,
  type ContactListResult,
  ErrorCode,
  normalizeHandle,
  type PageQuery,
  type UpdateContactRequest,
} from '../../wire/index.js';
import { agentNotFound, failure, invalid, ok, type Reply } from '../http/reply.js';
import type { Contact } from '../state/contacts.js';
import type { World } from '../state/world.js';
import { refusalToChange } from './own-account.js';
import type { AgentCall, Resource } from './resource.js';

/** How long a page is, the service does not say. */
const PAGE_DEFAULT = 50;
const PAGE_MAX = 200;

export const addContact: Resource<'addContact'> = {
  admit: refusalToChange,
  handle({ world, caller, body }) {
    const agent = world.agents.byHandle(normalizeHandle((body as AddContactRequest).handle));
    if (agent === undefined) return agentNotFound();
    if (agent === caller) return invalid({ handle: ['is your own'] });
    const contact = world.contacts.add(caller.handle, agent.handle, world.timestamp());
    return { status: 201, body: contactView(world, contact) };
  },
};

export const listContacts: Resource<'listContacts'> = {
  handle({ world, caller, query }) {
    const { limit: asked = PAGE_DEFAULT, offset = 0 } = query as PageQuery;
    const limit = Math.min(asked, PAGE_MAX);
    const all = world.contacts.of(caller.handle);
    const response: ContactListResult = {
      contacts: all.slice(offset, offset + limit).map((contact) => contactView(world, contact)),
      total: all.length,
      limit,
      offset,
    };
    return ok(response);
  },
};

export const checkContact: Resource<'checkContact'> = {
  handle(call) {
    const contact = contactOf(call);
    const response: ContactCheckResult = {
      is_contact: contact !== undefined,
      added_at: contact?.addedAt ?? null,
      notes: contact?.notes ?? null,
    };
    return ok(response);
  },
};

export const updateContactNotes: Resource<'updateContactNotes'> = {
  admit: refusalToChange,
  handle(call) {
    const contact = contactOf(call);
    if (contact === undefined) return contactNotFound();
    call.world.contacts.setNotes(contact, (call.body as UpdateContactRequest).notes);
    return ok(contactView(call.world, contact));
  },
};

export const removeContact: Resource<'removeContact'> = {
  admit: refusalToChange,
  handle: ({ world, caller, params }) =>
    world.contacts.remove(caller.handle, params.handle ?? '') ? ok({ ok: true }) : contactNotFound(),
};

function contactOf({ world, caller, params }: AgentCall): Contact | undefined {
  return world.contacts.get(caller.handle, params.handle ?? '');
}

function contactNotFound(): Reply {
  return failure(404, ErrorCode.NOT_FOUND, 'It is none of your contacts.');
}

/** A deleted agent stays in the book, without its profile. */
function contactView({ agents }: World, { handle, addedAt, notes }: Contact): ContactEntry {
  const agent = agents.byHandle(handle);
  return {
    handle,
    display_name: agent?.displayName ?? null,
    description: agent?.description ?? null,
    notes,
    added_at: addedAt,
  };
}
