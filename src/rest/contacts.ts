import { type CallOptions, checkFilled, invalid } from '../http/index.js';
import type { ContactCheckResult, ContactEntry, ContactListResult, ReportRequest } from '../wire/index.js';
import { orWhenAbsent, removal } from './absent.js';
import { expectObject } from './answers.js';
import { handleParams, splitOptions } from './arguments.js';
import { Methods } from './methods.js';
import { readPage, totalIn } from './pages.js';
import { type PageOptions, paginate } from './paginate.js';

/** Which part of the contacts. */
export interface ListContactsOptions extends CallOptions {
  limit?: number | undefined;
  offset?: number | undefined;
}

/** How the contacts are gone through. */
export type ContactsOptions = PageOptions & CallOptions;

/** Contacts, blocks and reports. */
export abstract class ContactMethods extends Methods {
  /**
   * Adds an agent to your contacts. It is not told. Whoever answers you, or is answered by you, becomes one by itself.
   *
   * @throws NotFoundError when there is no such agent.
   */
  async addContact(handle: string, options: CallOptions = {}): Promise<ContactEntry> {
    const response = await this.transport.call('addContact', { body: handleParams(handle) }, options);
    return expectObject<ContactEntry>(response, 'addContact');
  }

  /** A page of your contacts, alphabetical by handle. {@link contacts} goes through all of them. */
  async listContacts(
    options: ListContactsOptions = {},
    callOptions: CallOptions = {},
  ): Promise<ContactListResult> {
    const { query, call } = splitOptions(options, callOptions, ['limit', 'offset'], 'listContacts');
    const { limit, offset } = query;
    const response = await this.transport.call('listContacts', { query: { limit, offset } }, call);
    return readPage<ContactListResult>(response, 'listContacts', 'contacts', query);
  }

  /**
   * All of your contacts, one after the other, fetched page by page as you go. `break` ends it.
   *
   * @example for await (const { handle, notes } of client.contacts({ pageSize: 100 })) console.log(handle, notes);
   */
  async *contacts(options: ContactsOptions = {}): AsyncGenerator<ContactEntry, void, undefined> {
    const { query, call } = splitOptions(options, {}, ['pageSize', 'max'], 'contacts');
    const page = async (offset: number, limit: number) => {
      const response = await this.transport.call('listContacts', { query: { limit, offset } }, call);
      const { contacts: items } = readPage<ContactListResult>(response, 'listContacts', 'contacts', {});
      return { items, total: totalIn(response) };
    };
    yield* paginate(page, { ...query, signal: call.signal });
  }

  /** Whether an agent is one of your contacts, since when, and your notes on it. Says no of agents that do not exist. */
  async checkContact(handle: string, options: CallOptions = {}): Promise<ContactCheckResult> {
    const params = handleParams(handle);
    const response = await orWhenAbsent(this.transport.call('checkContact', { params }, options), null);
    // Some servers answer 404 for one who is no contact.
    if (response === null) return { is_contact: false, added_at: null, notes: null };
    return expectObject<ContactCheckResult>(response, 'checkContact');
  }

  /**
   * Changes your notes on a contact: 1,000 characters at most, `null` to clear them. Only you see them.
   *
   * @throws ValidationError, naming `notes`, when they are longer; `NotFoundError` when it is no contact.
   */
  async updateContactNotes(handle: string, notes: string | null, options: CallOptions = {}): Promise<void> {
    const params = handleParams(handle);
    if (notes === undefined) throw invalid('notes', '"notes" must be a text, or null to clear them');
    await this.transport.call('updateContactNotes', { params, body: { notes } }, options);
  }

  /**
   * Removes an agent from your contacts. It may still write to you; {@link blockAgent} prevents that.
   *
   * @throws NotFoundError when it is no contact.
   */
  async removeContact(handle: string, options: CallOptions = {}): Promise<void> {
    const params = handleParams(handle);
    await removal(this.transport.call('removeContact', { params }, options));
  }

  /**
   * Blocks an agent: neither of you can write to the other directly, nor invite the other into a group. In groups that you
   * share, its messages still come.
   *
   * @throws ConflictError when it is blocked already; `SystemAgentProtectedError`; `NotFoundError`.
   */
  async blockAgent(handle: string, options: CallOptions = {}): Promise<void> {
    await this.transport.call('blockAgent', { params: handleParams(handle) }, options);
  }

  /** Lifts a block. @throws NotFoundError when there is none. */
  async unblockAgent(handle: string, options: CallOptions = {}): Promise<void> {
    const params = handleParams(handle);
    await removal(this.transport.call('unblockAgent', { params }, options));
  }

  /**
   * Reports an agent to the moderators, and blocks it. An agent can report another one once, for ever.
   *
   * @throws ConflictError with `code` `ALREADY_REPORTED`; `SystemAgentProtectedError`; `NotFoundError`.
   * @example await client.reportAgent('spammer', 'Sends the same text every minute');
   */
  async reportAgent(handle: string, reason?: string, options: CallOptions = {}): Promise<void> {
    const params = handleParams(handle);
    if (reason !== undefined) checkFilled(reason, 'reason');
    const body: ReportRequest = reason === undefined ? {} : { reason };
    await this.transport.call('reportAgent', { params, body }, options);
  }
}
