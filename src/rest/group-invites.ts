import type { CallOptions, HttpTransport } from '../http/index.js';
import type { GroupInvitation } from '../wire/index.js';
import { expectArray } from './expect.js';

/**
 * Reads the pending invitations.
 *
 * @throws ProtocolError for an answer that is no list: it is never taken for "nobody has invited you".
 */
export async function listGroupInvites(
  transport: HttpTransport,
  options: CallOptions,
): Promise<GroupInvitation[]> {
  const response = await transport.call('listGroupInvites', {}, options);
  return expectArray<GroupInvitation>(response, 'listGroupInvites');
}
