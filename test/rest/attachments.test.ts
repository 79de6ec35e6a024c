import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { NotFoundError, ProtocolError } from '../../src/errors/index.js';
import { AgentChatClient, type UploadAttachmentOptions } from '../../src/rest/index.js';
import { sha256Hex } from '../../src/rest/sha256.js';
import { caught, onStage } from './kit.js';

const KEY = 'ac_live_0123456789abcdef';
const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => index % 251);
const sha256 = createHash('sha256').update(bytes).digest('hex');
const file = { file: bytes, filename: 'harvest.pdf', contentType: 'application/pdf' } as const;

/** A `fetch` that writes down where it went, and whether the key went along. */
function watchedFetch(change?: (request: Request) => Response | Promise<Response> | undefined) {
  const seen: { method: string; path: string; hasKey: boolean; length: string | null }[] = [];
  const watched: typeof fetch = async (input, init) => {
    const request = new Request(input, { ...init, body: null });
    const headers = new Headers(init?.headers);
    seen.push({
      method: request.method,
      path: new URL(request.url).pathname.replace(/[A-Za-z]+_[A-Za-z0-9]{16}$/, '{id}'),
      hasKey: headers.has('authorization'),
      length: headers.get('content-length'),
    });
    return (await change?.(request)) ?? fetch(input, init);
  };
  return { seen, fetch: watched };
}

describe('uploadAttachment and downloadAttachment', () => {
  it('bring a file from one agent to the other, and the key to nobody else', () =>
    onStage({}, async ({ client }) => {
      const alices = watchedFetch();
      const bobs = watchedFetch();
      const alice = client('alice', { fetch: alices.fetch });
      const bob = client('bob', { fetch: bobs.fetch });
      const attachment_id = await alice.uploadAttachment({ to: '@Bob', ...file });
      expect(attachment_id).toMatch(/^att_/);
      expect(alices.seen).toMatchObject([
        { method: 'POST', path: '/v1/uploads', hasKey: true },
        { method: 'PUT', path: '/local/files/{id}', hasKey: false, length: '300000' },
      ]);
      const { message } = await alice.sendMessage({ to: 'bob', type: 'file', content: { attachment_id } });
      const id = message.content.attachment_id ?? '';
      const statuses: number[] = [];
      const onResponse = ({ status }: { status: number }) => void statuses.push(status);
      const downloaded = await bob.downloadAttachment(id, { onResponse });
      expect(statuses).toEqual([302, 200]);
      expect(downloaded).toEqual({
        bytes,
        contentType: 'application/pdf',
        filename: 'harvest.pdf',
        sha256,
        verified: true,
      });
      expect(bobs.seen).toMatchObject([
        { method: 'GET', path: '/v1/attachments/{id}', hasKey: true },
        { method: 'GET', path: '/local/files/{id}', hasKey: false },
      ]);
      expect((await alice.downloadAttachment(id)).sha256).toBe(sha256);
      expect(await caught(client('eve').downloadAttachment(id))).toBeInstanceOf(NotFoundError);
    }));

  it('serve the members of a group, and no former ones', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      const bob = client('bob');
      const { group } = await alice.createGroup({ name: 'Two', member_handles: ['bob'] });
      const [invite] = await bob.listGroupInvites();
      const upload = () => bob.uploadAttachment({ conversation_id: group.id, ...file });
      expect(await caught(upload())).toMatchObject({ code: 'CONVERSATION_NOT_FOUND' });
      await bob.acceptGroupInvite(invite?.id ?? '');
      const id = await alice.uploadAttachment({ conversation_id: group.id, ...file });
      expect((await bob.downloadAttachment(id, { sha256: sha256.toUpperCase() })).verified).toBe(true);
      await bob.leaveGroup(group.id);
      expect(await caught(bob.downloadAttachment(id))).toBeInstanceOf(NotFoundError);
    }));

  it('take a Blob with its own name and type, and a part of a larger buffer', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      client('bob');
      const named = new File(['äpfel'], 'äpfel.txt', { type: 'text/plain;charset=utf-8' });
      const first = await alice.downloadAttachment(await alice.uploadAttachment({ to: 'bob', file: named }));
      expect(first).toMatchObject({ filename: 'äpfel.txt', contentType: 'text/plain' });
      expect(new TextDecoder().decode(first.bytes)).toBe('äpfel');
      const part = bytes.subarray(10, 20);
      const id = await alice.uploadAttachment({ to: 'bob', ...file, file: part });
      expect((await alice.downloadAttachment(id)).bytes).toEqual(Uint8Array.from(part));
    }));

  it('tell how far they are', () =>
    onStage({}, async ({ client }) => {
      const alice = client('alice');
      client('bob');
      const sent: [number, number][] = [];
      const onProgress = (...progress: [number, number]) => {
        sent.push(progress);
        throw new Error('ignored');
      };
      const id = await alice.uploadAttachment({ to: 'bob', ...file, onProgress });
      expect(sent[0]).toEqual([0, 300_000]);
      expect(sent.at(-1)).toEqual([300_000, 300_000]);
      expect(sent.length).toBeGreaterThan(3);
      expect(sent.map(([done]) => done)).toEqual([...sent.map(([done]) => done)].sort((a, b) => a - b));
      const received: number[] = [];
      await alice.downloadAttachment(id, { onProgress: (done) => void received.push(done) });
      expect(received.at(-1)).toBe(300_000);
    }));

  it.each<[string, Partial<UploadAttachmentOptions>, string]>([
    ['no address', { to: undefined }, 'to'],
    ['both addresses', { conversation_id: 'grp_1' }, 'to'],
    ['a group as a handle', { to: 'grp_1' }, 'to'],
    ['no bytes', { file: new Uint8Array(0) }, 'file'],
    ['a path', { file: '/tmp/x' as never }, 'file'],
    ['a file that is too large', { file: new Blob([new Uint8Array(26_214_401)]) }, 'file'],
    ['no name', { filename: undefined }, 'filename'],
    ['a long name', { filename: 'x'.repeat(256) }, 'filename'],
    ['a type that is not taken', { contentType: 'text/html' }, 'contentType'],
    ['no type', { contentType: undefined }, 'contentType'],
    ['progress that is no function', { onProgress: 7 as never }, 'onProgress'],
    ['a signal that is none', { signal: 'now' as never }, 'signal'],
    ['an unknown option', { mime_type: 'text/plain' } as never, 'mime_type'],
  ])('refuse %s before the network', async (_, change, field) => {
    const { seen, fetch } = watchedFetch();
    const client = new AgentChatClient({ apiKey: KEY, fetch });
    const error = await caught(client.uploadAttachment({ to: 'bob', ...file, ...change }));
    expect(error).toMatchObject({ name: 'ValidationError', field, outcome: 'not_sent' });
    expect(seen).toEqual([]);
  });

  it.each([
    ['attachmentId', '', {}],
    ['sha256', 'att_1', { sha256: 'abc' }],
    ['maxBytes', 'att_1', { maxBytes: 0 }],
    ['path', 'att_1', { path: '/tmp' }],
    ['deadlineMs', 'att_1', { deadlineMs: -1 }],
  ])('refuse a download with a bad %s before the network', async (field, id, options) => {
    const { seen, fetch } = watchedFetch();
    const client = new AgentChatClient({ apiKey: KEY, fetch });
    expect(await caught(client.downloadAttachment(id, options as never))).toMatchObject({ field });
    expect(seen).toEqual([]);
  });
});

describe('an upload', () => {
  it('survives a storage that fails for a moment, and sends the bytes again', () =>
    onStage({}, async ({ client }) => {
      let puts = 0;
      const { seen, fetch } = watchedFetch(({ method }) => {
        if (method !== 'PUT') return undefined;
        puts += 1;
        return puts === 1 ? new Response('<Error>SlowDown</Error>', { status: 503 }) : undefined;
      });
      const alice = client('alice', { fetch, retry: { baseDelayMs: 1 } });
      client('bob');
      const id = await alice.uploadAttachment({ to: 'bob', ...file, onProgress: () => undefined });
      expect(seen.map(({ method }) => method)).toEqual(['POST', 'PUT', 'PUT']);
      expect((await alice.downloadAttachment(id)).sha256).toBe(sha256);
    }));

  it('asks for one place, however often the asking is repeated', () =>
    onStage({}, async ({ client, server }) => {
      server.faults.next('restCut', { endpoint: 'createUpload', when: 'after' });
      const { seen, fetch } = watchedFetch();
      const alice = client('alice', { fetch, retry: { baseDelayMs: 1 } });
      client('bob');
      await alice.uploadAttachment({ to: 'bob', ...file });
      expect(seen.map(({ method }) => method)).toEqual(['POST', 'POST', 'PUT']);
    }));

  it('ends by its signal while the bytes go out, and by its deadline', () =>
    onStage({}, async ({ client }) => {
      const controller = new AbortController();
      const stuck = watchedFetch(({ method }) => {
        if (method !== 'PUT') return undefined;
        controller.abort(new Error('changed my mind'));
        return new Promise<Response>(() => undefined);
      });
      const alice = client('alice', { fetch: stuck.fetch });
      client('bob');
      const aborted = alice.uploadAttachment({ to: 'bob', ...file, signal: controller.signal });
      expect(await caught(aborted)).toMatchObject({
        code: 'ABORTED',
        cause: { message: 'changed my mind' },
      });
      const late = alice.uploadAttachment({ to: 'bob', ...file, deadlineMs: 200 });
      expect(await caught(late)).toMatchObject({ code: 'TIMEOUT' });
    }));

  it('puts the bytes nowhere that is not safe', async () => {
    const place = (upload_url: string) =>
      Response.json({ attachment_id: 'att_1', upload_url, expires_in: 50 });
    for (const url of [
      'http://files.example/a',
      'ftp://files.example/a',
      'https://u:p@files.example/a',
      '//',
    ]) {
      const { seen, fetch } = watchedFetch(() => place(url));
      const client = new AgentChatClient({ apiKey: KEY, fetch });
      const error = await caught(client.uploadAttachment({ to: 'bob', ...file }));
      expect(error).toBeInstanceOf(ProtocolError);
      expect(String(error)).not.toContain('files.example');
      expect(seen).toHaveLength(1);
    }
  });
});

describe('a download', () => {
  /** A client whose storage answers as told. The service leads to it each time. */
  const clientWith = (answers: (() => Response)[]) => {
    const { seen, fetch } = watchedFetch(({ url }) =>
      url.startsWith('https://api.agentchat.me/')
        ? new Response(null, { status: 302, headers: { location: 'https://files.example/a?sig=secret' } })
        : (answers.shift() ?? (() => new Response(bytes)))(),
    );
    return { seen, client: new AgentChatClient({ apiKey: KEY, fetch, retry: { maxRetries: 0 } }) };
  };

  it('asks for another address when one has run out or the bytes broke off', async () => {
    const brokenOff = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(bytes.subarray(0, 1_000));
            controller.error(new Error('connection reset'));
          },
        }),
      );
    const { seen, client } = clientWith([() => new Response('expired', { status: 403 }), brokenOff]);
    const { sha256: hash, verified } = await client.downloadAttachment('att_1');
    expect([hash, verified]).toEqual([sha256, false]);
    expect(seen).toHaveLength(6);
  });

  it.each([401, 403, 404])('takes a %i of the storage for nothing that the service says', async (status) => {
    const refuse = () => new Response('<Error/>', { status });
    const error = await caught(clientWith([refuse, refuse, refuse]).client.downloadAttachment('att_1'));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error).toMatchObject({ status, outcome: 'rejected', message: expect.stringContaining('storage') });
    const { fetch } = watchedFetch(({ method }) =>
      method === 'PUT'
        ? refuse()
        : Response.json({ attachment_id: 'att_1', upload_url: 'https://files.example/a', expires_in: 50 }),
    );
    const client = new AgentChatClient({ apiKey: KEY, fetch });
    expect(await caught(client.uploadAttachment({ to: 'bob', ...file }))).toBeInstanceOf(ProtocolError);
  });

  it('gives up after three addresses, and at once when it is told to wait', async () => {
    const down = () => new Response('', { status: 500 });
    const first = clientWith([down, down, down]);
    expect(await caught(first.client.downloadAttachment('att_1'))).toMatchObject({ status: 500 });
    expect(first.seen).toHaveLength(6);
    const second = clientWith([() => new Response('', { status: 503, headers: { 'retry-after': '60' } })]);
    expect(await caught(second.client.downloadAttachment('att_1'))).toMatchObject({ retryAfterMs: 60_000 });
    expect(second.seen).toHaveLength(2);
  });

  it('takes no bytes that are not the ones that were uploaded', async () => {
    const digest = Buffer.from(sha256, 'hex').toString('base64');
    const withHeader = (name: string, value: string, body: Uint8Array<ArrayBuffer>) => () =>
      new Response(body, { headers: { [name]: value } });
    const right = clientWith([withHeader('x-amz-checksum-sha256', digest, bytes)]);
    expect((await right.client.downloadAttachment('att_1')).verified).toBe(true);
    const other = bytes.map((byte) => byte ^ 1);
    for (const answer of [
      withHeader('x-amz-checksum-sha256', digest, other),
      withHeader('repr-digest', `md5=:abc:, sha-256=:${digest}:`, other),
    ]) {
      expect(await caught(clientWith([answer]).client.downloadAttachment('att_1'))).toBeInstanceOf(
        ProtocolError,
      );
    }
    const asked = clientWith([]).client.downloadAttachment('att_1', { sha256: '0'.repeat(64) });
    expect(((await caught(asked)) as Error).message).toContain('SHA-256 differs');
  });

  it('takes no more than it was told to', async () => {
    const { client } = clientWith([]);
    const error = await caught(client.downloadAttachment('att_1', { maxBytes: 299_999 }));
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toContain('"maxBytes"');
    expect((await client.downloadAttachment('att_1', { maxBytes: 300_000 })).bytes).toHaveLength(300_000);
    const frugal = client.with({ maxBodyBytes: 1_000 });
    expect(await caught(frugal.downloadAttachment('att_1'))).toBeInstanceOf(ProtocolError);
  });

  it.each([
    [`attachment; filename*=UTF-8''%C3%A4pfel.txt`, 'äpfel.txt'],
    ['attachment; filename="a \\"b\\".txt"', 'a "b".txt'],
    ['attachment; filename=plain.txt', 'plain.txt'],
    ['attachment; filename="../../etc/passwd"', 'passwd'],
    [`attachment; filename*=UTF-8''..%2F..%5Cevil%00.txt`, 'evil.txt'],
    ['attachment; filename=".."', null],
    [`attachment; filename*=UTF-8''%zz`, null],
    ['inline', null],
  ])('reads the name in %s', async (disposition, filename) => {
    const answer = () => new Response(bytes, { headers: { 'content-disposition': disposition } });
    expect((await clientWith([answer]).client.downloadAttachment('att_1')).filename).toBe(filename);
  });

  it('says so when it is not told where the file is', async () => {
    const { fetch } = watchedFetch(() => new Response(null, { status: 302 }));
    const client = new AgentChatClient({ apiKey: KEY, fetch });
    expect(await caught(client.getAttachmentDownloadUrl('att_1'))).toBeInstanceOf(ProtocolError);
  });

  it('keeps the address out of errors', async () => {
    const { client } = clientWith([
      () => new Response('', { status: 500 }),
      () => new Response('', { status: 404 }),
    ]);
    const error = (await caught(client.downloadAttachment('att_1'))) as Error;
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.toContain('secret');
  });
});

it('hashes without the platform as with it', () => {
  expect(sha256Hex(bytes)).toBe(sha256);
});
