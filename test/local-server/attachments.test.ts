import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { agent, type Caller, withServer } from './kit.js';

const bytes = Buffer.from('the bytes of a file');
const sha256 = createHash('sha256').update(bytes).digest('hex');
const slot = { to: 'bob', filename: 'a "ä".txt', content_type: 'text/plain', size: bytes.length, sha256 };

async function place(caller: Caller, change: object = {}) {
  const { status, body } = await caller.call('POST', '/v1/uploads', { ...slot, ...change });
  return { status, body, id: String(body.attachment_id), url: String(body.upload_url) };
}

const put = (url: string, body: Buffer = bytes, headers: Record<string, string> = {}) =>
  fetch(url, { method: 'PUT', body: new Uint8Array(body), headers });

const where = async (caller: Caller, id: string) => {
  const response = await fetch(`${caller.server.url}/v1/attachments/${id}`, {
    headers: { authorization: `Bearer ${caller.apiKey}` },
    redirect: 'manual',
  });
  return { status: response.status, location: response.headers.get('location') ?? '' };
};

describe('an attachment', () => {
  it('is put to one address and fetched from another, once', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const { status, body, id, url } = await place(alice);
      expect([status, body.expires_in]).toEqual([201, 50]);
      expect(url).toContain(`${server.url}/local/files/${id}?signature=`);
      // Not there before its bytes are.
      expect((await where(bob, id)).status).toBe(404);
      expect((await put(url)).status).toBe(200);
      const { status: found, location } = await where(bob, id);
      expect(found).toBe(302);
      const fetched = await fetch(location);
      expect(Buffer.from(await fetched.arrayBuffer())).toEqual(bytes);
      expect(Object.fromEntries(fetched.headers)).toMatchObject({
        'content-type': 'text/plain',
        'content-disposition': `attachment; filename*=UTF-8''a%20%22%C3%A4%22.txt`,
        'repr-digest': `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`,
      });
      expect((await fetch(location)).status).toBe(403);
    }));

  it('is for its uploader and its recipient', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      const bob = agent(server, 'bob');
      const { id, url } = await place(alice);
      await put(url);
      expect((await where(alice, id)).status).toBe(302);
      expect((await where(bob, id)).status).toBe(302);
      expect((await where(agent(server, 'eve'), id)).status).toBe(404);
    }));

  it.each<[string, object, number, string]>([
    ['nobody', { to: undefined }, 400, 'VALIDATION_ERROR'],
    ['two', { conversation_id: 'grp_1' }, 400, 'VALIDATION_ERROR'],
    ['an unknown agent', { to: 'nobody-here' }, 404, 'AGENT_NOT_FOUND'],
    ['a group of others', { to: undefined, conversation_id: 'grp_1' }, 404, 'CONVERSATION_NOT_FOUND'],
    ['somebody, as HTML', { content_type: 'text/html' }, 400, 'VALIDATION_ERROR'],
    ['somebody, too large', { size: 26_214_401 }, 400, 'VALIDATION_ERROR'],
    ['somebody, without a hash', { sha256: undefined }, 400, 'VALIDATION_ERROR'],
    ['somebody, without a name', { filename: '' }, 400, 'VALIDATION_ERROR'],
  ])('for %s is refused', (_, change, status, code) =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      expect(await place(alice, change)).toMatchObject({ status, body: { code } });
    }),
  );
});

describe('the storage', () => {
  it('takes the announced bytes only', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const { id, url } = await place(alice);
      expect((await put(url, Buffer.from('other bytes, longer ones'))).status).toBe(413);
      expect((await put(url, Buffer.from('few'))).status).toBe(400);
      expect((await put(url, Buffer.alloc(bytes.length))).status).toBe(400);
      expect((await where(alice, id)).status).toBe(404);
      expect((await put(url)).status).toBe(200);
    }));

  it('refuses whoever brings an API key along', () =>
    withServer({}, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const { id, url } = await place(alice);
      const key = { authorization: `Bearer ${alice.apiKey}` };
      expect((await put(url, bytes, key)).status).toBe(400);
      await put(url);
      const { location } = await where(alice, id);
      expect((await fetch(location, { headers: key })).status).toBe(400);
    }));

  it('honours addresses for what they are, and for a while', () => {
    let now = Date.parse('2026-11-21T12:00:00Z');
    return withServer({ now: () => now }, async (server) => {
      const alice = agent(server, 'alice');
      server.createAgent('bob');
      const { id, url } = await place(alice);
      const other = await place(alice);
      expect((await fetch(url)).status).toBe(403);
      expect((await put(url.replace(id, other.id))).status).toBe(403);
      expect((await put(url.replace(/signature=.*/, 'signature=guess'))).status).toBe(403);
      expect((await put(`${server.url}/local/files/att_0`)).status).toBe(404);
      expect((await fetch(`${server.url}/local/whatever`)).status).toBe(404);
      now += 49_999;
      expect((await put(url)).status).toBe(200);
      now += 1;
      expect((await put(other.url)).status).toBe(403);
      const { location } = await where(alice, id);
      now += 30_000;
      expect((await fetch(location)).status).toBe(403);
    });
  });
});
