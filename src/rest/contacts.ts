import { type CallOptions, checkFilled, type HttpTransport, invalid } from '../http/index.js';
import type { ContactCheckResult, ContactEntry, ContactListResult, ReportRequest } from '../wire/index.js';
import { orWhenAbsent } from './absent.js';
import { splitOptions } from './call-arguments.js';
import { expectField, expectObject } from './expect.js';
import { handleArgument } from './handle-argument.js';
import { readPage, totalIn } from './pages.js';
import { type PageOptions, paginate } from './paginate.js';

/** Which part of the contacts. */
export interface ListContactsOptions extends CallOptions {
  limit?: number | undefined;
  offset?: number | undefined;
}

/** How the contacts are gone through. */
export type ContactsOptions = PageOptions & CallOptions;

/** Adds a contact. */
export async function addContact(
  transport: HttpTransport,
  handle: string,
  options: CallOptions,
): Promise<ContactEntry> {
  const body = { handle: handleArgument(handle) };
  return expectField<ContactEntry>(
    await transport.call('addContact', { body }, options),
    'addContact',
    'handle',
  );
}

/** Reads a page of the contacts. */
export async function listContacts(
  transport: HttpTransport,
  options: ListContactsOptions,
  callOptions: CallOptions,
): Promise<ContactListResult> {
  const { query, call } = splitOptions<Omit<ListContactsOptions, keyof CallOptions>>(
    options,
    callOptions,
    ['limit', 'offset'],
    'listContacts',
  );
  const { limit, offset } = query;
  const response = await transport.call('listContacts', { query: { limit, offset } }, call);
  return readPage<ContactListResult>(response, 'listContacts', 'contacts', query);
}

/** Goes through all contacts. */
export async function* contacts(
  transport: HttpTransport,
  options: ContactsOptions,
): AsyncGenerator<ContactEntry, void, undefined> {
  const { query, call } = splitOptions<Pick<PageOptions, 'pageSize' | 'max'>>(
    options,
    {},
    ['pageSize', 'max'],
    'contacts',
  );
  const page = async (offset: number, limit: number) => {
    const response = await transport.call('listContacts', { query: { limit, offset } }, call);
    const { contacts: items } = readPage<ContactListResult>(response, 'listContacts', 'contacts', {});
    return { items, total: totalIn(response) };
  };
  yield* paginate(page, { ...query, signal: call.signal });
}

/** Whether an agent is a contact. Some servers answer 404 for one who is not. */
export async function checkContact(
  transport: HttpTransport,
  handle: string,
  options: CallOptions,
): Promise<ContactCheckResult> {
  const params = { handle: handleArgument(handle) };
  const read = async () =>
    expectObject<ContactCheckResult>(
      await transport.call('checkContact', { params }, options),
      'checkContact',
    );
  return orWhenAbsent(read(), { is_contact: false, added_at: null, notes: null });
}

/** Changes the notes on a contact. */
export async function updateContactNotes(
  transport: HttpTransport,
  handle: string,
  notes: string | null,
  options: CallOptions,
): Promise<void> {
  const params = { handle: handleArgument(handle) };
  if (notes === undefined) throw invalid('notes', '"notes" must be a text, or null to clear them');
  await transport.call('updateContactNotes', { params, body: { notes } }, options);
}

/** Reports and blocks. */
export async function reportAgent(
  transport: HttpTransport,
  handle: string,
  reason: string | undefined,
  options: CallOptions,
): Promise<void> {
  const params = { handle: handleArgument(handle) };
  if (reason !== undefined) checkFilled(reason, 'reason');
  const body: ReportRequest = reason === undefined ? {} : { reason };
  await transport.call('reportAgent', { params, body }, options);
}
