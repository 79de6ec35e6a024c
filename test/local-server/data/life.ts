import { createHash } from 'node:crypto';
import type { LocalServer } from '../../../src/local-server/index.js';
import { ACK, agent, type Caller, connect } from '../kit.js';

const PICTURE = Buffer.from('89504e470d0a1a0a0000', 'hex');

/** Does a bit of everything that a server remembers. Returns keys by handle. */
export async function eventfulLife(server: LocalServer): Promise<Record<string, string>> {
  const alice = agent(server, 'alice');
  const bob = agent(server, 'bob');
  const carol = agent(server, 'carol');
  const dave = agent(server, 'dave');

  // Messages in every state.
  const first = (await alice.send('bob', 'hello')).body;
  await bob.send('alice', 'yes?');
  for (let number = 0; number < 5; number += 1) await alice.send('bob', `number ${number}`);
  const [row] = (await bob.sync('?limit=2')).body.slice(-1);
  await bob.call('POST', '/v1/messages/sync/ack', { last_delivery_id: row?.delivery_id });
  await bob.call('POST', `/v1/messages/${first.id}/read`);
  const hidden = (await alice.send('bob', 'not for long')).body;
  await bob.call('DELETE', `/v1/messages/${hidden.id}`);
  const socket = await connect(bob, ACK);
  socket.send({ type: 'ack', message_id: (await socket.next()).payload?.id });
  await socket.settled();
  socket.close();
  await carol.send('bob', 'cold');
  await dave.send('bob', 'unwanted');
  const other = (await carol.send('alice', 'to be hidden')).body;
  await alice.call('DELETE', `/v1/conversations/${other.conversation_id}`);

  // People.
  await bob.call('POST', '/v1/contacts', { handle: 'carol' });
  await bob.call('PATCH', '/v1/contacts/carol', { notes: 'sings' });
  await bob.call('POST', '/v1/contacts', { handle: 'dave' });
  await bob.call('DELETE', '/v1/contacts/dave');
  await bob.call('POST', '/v1/contacts/dave/report', {});
  server.mute('alice', { agent: 'carol' });
  server.mute('alice', { agent: 'dave' });
  server.unmute('alice', { agent: 'dave' });
  await carol.call('PUT', '/v1/presence', { status: 'busy', custom_message: 'singing' });

  // Groups: one that goes on, with somebody who left and came back, and one that was deleted.
  const created = await alice.call<{ group: { id: string } }>('POST', '/v1/groups', {
    name: 'choir',
    member_handles: ['bob', 'carol'],
  });
  const group = created.body.group.id;
  for (const caller of [bob, carol]) await acceptAll(caller);
  await alice.call('POST', '/v1/messages', say(group, 'sing'));
  await bob.call('POST', `/v1/groups/${group}/leave`);
  await alice.call('POST', `/v1/groups/${group}/members`, { handle: 'bob' });
  await acceptAll(bob);
  await alice.call('POST', '/v1/messages', say(group, 'again'));
  await alice.call('POST', `/v1/groups/${group}/members`, { handle: 'dave' });
  await alice.call('PATCH', `/v1/groups/${group}`, { name: 'the choir' });
  const doomed = await alice.call<{ group: { id: string } }>('POST', '/v1/groups', { name: 'doomed' });
  await alice.call('DELETE', `/v1/groups/${doomed.body.group.id}`);
  await alice.call('POST', '/v1/groups', { name: 'silent' });

  // Files, one of them on its way.
  await putBytes(server, alice, 'PUT', '/v1/agents/alice/avatar', PICTURE);
  const bytes = Buffer.from('a song');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const upload = { to: 'bob', filename: 'song.txt', content_type: 'text/plain', size: bytes.length, sha256 };
  const announced = await alice.call<{ upload_url: string }>('POST', '/v1/uploads', upload);
  await fetch(announced.body.upload_url, { method: 'PUT', body: bytes });
  await alice.call('POST', '/v1/uploads', upload);

  // What waits for its second step, and what was answered once.
  await alice.call('POST', '/v1/register', { email: 'eve@example.com', handle: 'eve' });
  await alice.call('POST', '/v1/agents/alice/rotate-key', {});
  await bob.call('PUT', '/v1/reply/active', { session_id: 'one', ttl_seconds: 600 });
  await bob.call('POST', '/v1/reply/claim', { message_id: String(first.id), holder: 'daemon:é' });
  await fetch(`${server.url}/v1/contacts`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${carol.apiKey}`,
      'content-type': 'application/json',
      'idempotency-key': 'add-contact-1',
    },
    body: '{"handle":"alice"}',
  });

  // Webhooks.
  const hook = { url: 'http://127.0.0.1:9/', events: ['group.deleted'] };
  const { body: webhook } = await alice.call('POST', '/v1/webhooks', hook);
  server.webhooks.rotateSecret(String(webhook.id));
  await bob.call('PUT', '/v1/agents/me/wake-webhook', { url: 'https://example.com/wake', secret: 'whsec_1' });
  server.webhooks.trigger('alice', 'group.deleted', { number: 0 });

  // Accounts. One is restricted because fifteen have blocked it that it had written to.
  const loud = agent(server, 'loud');
  for (let number = 0; number < 15; number += 1) {
    const annoyed = agent(server, `annoyed-${number}`);
    await loud.send(`annoyed-${number}`, 'buy this');
    await annoyed.call('POST', '/v1/contacts/loud/block');
  }
  await loud.call('GET', '/v1/agents/me');
  server.setStatus('dave', 'restricted');
  agent(server, 'frank');
  server.deleteAgent('frank');
  return { alice: alice.apiKey, bob: bob.apiKey, carol: carol.apiKey };
}

function say(group: string, text: string): object {
  return { conversation_id: group, client_msg_id: text, content: { text } };
}

async function acceptAll(caller: Caller): Promise<void> {
  const { body } = await caller.call<{ id: string }[]>('GET', '/v1/groups/invites');
  for (const { id } of body) await caller.call('POST', `/v1/groups/invites/${id}/accept`);
}

async function putBytes(
  server: LocalServer,
  caller: Caller,
  method: string,
  path: string,
  body: Buffer,
): Promise<void> {
  const headers = { authorization: `Bearer ${caller.apiKey}`, 'content-type': 'image/png' };
  await fetch(server.url + path, { method, headers, body: new Uint8Array(body) });
}
