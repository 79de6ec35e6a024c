import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalServer, startLocalServer } from 'agentchat-client/local-server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { signWebhookSync, verifyWebhookSync } from '../../src/webhooks/index.js';
import { Cli, jsonLines, type Running } from './kit.js';

// Each command is a process, and some tests take ten of them.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let cli: Cli;
let server: LocalServer;
let keys: Record<string, string>;
beforeAll(async () => {
  cli = await Cli.make();
  server = await startLocalServer();
  keys = Object.fromEntries(['alice', 'bob'].map((handle) => [handle, server.createAgent(handle).apiKey]));
});
afterAll(async () => {
  await Promise.all([cli.close(), server.close()]);
});
afterEach(async () => {
  server.faults.clear();
  for (const file of await readdir(cli.home))
    await rm(join(cli.home, file), { recursive: true, force: true });
});

/** The environment of an agent of the server of these tests. */
const being = (handle: string) => ({
  AGENTCHAT_API_KEY: keys[handle] ?? '',
  AGENTCHAT_BASE_URL: server.url,
});
const as = (handle: string, more: object = {}) => ({ env: being(handle), ...more });
/** An agent that nobody has written to. */
function newcomer(): string {
  const handle = `agent-${Object.keys(keys).length}`;
  keys[handle] = server.createAgent(handle).apiKey;
  return handle;
}

/** What came in at a receiver of webhooks. */
interface Posted {
  readonly body: string;
  readonly signature: string;
}
let receiver: Server;
let posted: Posted[];
let answers: number[];
let waiting: (() => void)[];
beforeEach(async () => {
  posted = [];
  answers = [];
  waiting = [];
  receiver = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    response.writeHead(answers.shift() ?? 204).end();
    posted.push({
      body: Buffer.concat(chunks).toString(),
      signature: String(request.headers['agentchat-signature']),
    });
    for (const wake of waiting) wake();
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  receiver.closeAllConnections();
  return new Promise((resolve) => receiver.close(resolve));
});
const receiverUrl = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hooks`;
function postedSoFar(count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (posted.length >= count) resolve();
    };
    waiting.push(look);
    look();
  });
}

describe('agentchat send', () => {
  it('sends what was typed, and shows it as a line or as JSON', async () => {
    const to = newcomer();
    const line = await cli.run(['send', to, 'hello', 'there'], as('alice'));
    expect(line).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/#1 alice: hello there\n$/),
    });
    const json = await cli.run(['send', to, '007', '--json', '--id', '0042'], as('alice'));
    const [{ message }] = jsonLines<{ message: object }>(json.stdout) as [{ message: object }];
    expect(message).toMatchObject({ seq: 2, content: { text: '007' }, client_msg_id: '0042' });
    const again = await cli.run(['send', to, '007', '--id', '0042'], as('alice'));
    expect(again).toMatchObject({ code: 0, stderr: expect.stringContaining('had been sent before') });
    expect(server.undelivered(to)).toHaveLength(2);
  });

  it('sends what comes on stdin, and data', async () => {
    const to = newcomer();
    await cli.run(['send', to], as('alice', { stdin: 'from a pipe\n' }));
    await cli.run(['send', to, '--data', '{"t":21}'], as('alice'));
    await cli.run(['send', to, '--', '--not', 'an option'], as('alice'));
    expect(server.undelivered(to).map(({ content }) => content)).toEqual([
      { text: 'from a pipe' },
      { data: { t: 21 } },
      { text: '--not an option' },
    ]);
  });

  it('waits for the answer', async () => {
    const to = newcomer();
    const waiting = cli.start(['send', to, 'are you there?', '--wait', '15', '--json'], as('alice'));
    await waiting.says(/are you there/);
    await cli.run(['send', 'alice', 'I am'], as(to));
    const { code, stdout } = await waiting.ended;
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{}, { message: { sender: to, content: { text: 'I am' } } }]);
    expect(await cli.run(['send', to, 'and now?', '--wait', '0.2'], as('alice'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No answer has come within 0.2 s.'),
    });
  });
});

describe('agentchat tail', () => {
  it('shows what waits, says Ready, and acknowledges nothing', async () => {
    const handle = newcomer();
    for (const text of ['one', 'two']) await cli.run(['send', handle, text], as('alice'));
    for (const _ of [1, 2]) {
      const { code, stdout, stderr } = await cli.run(['tail', '--backlog', '--json'], as(handle));
      expect(code).toBe(0);
      expect(jsonLines(stdout)).toMatchObject([
        { type: 'message.new', payload: { content: { text: 'one' } } },
        { type: 'message.new', payload: { content: { text: 'two' } } },
      ]);
      expect(stderr).toMatch(/^connected as .*\nReady\n$/);
    }
    expect(server.undelivered(handle)).toHaveLength(2);
    await cli.run(['tail', '--backlog', '--ack'], as(handle));
    expect(server.undelivered(handle)).toHaveLength(0);
  });

  it('says Ready behind the backlog, on a terminal too, and ends cleanly at Ctrl-C', async () => {
    const handle = newcomer();
    await cli.run(['send', handle, 'one'], as('alice'));
    const tail = cli.onTerminal(['tail'], as(handle));
    await tail.says(/Ready/);
    expect(tail.stdout().indexOf('one')).toBeGreaterThan(0);
    expect(tail.stdout().indexOf('one')).toBeLessThan(tail.stdout().indexOf('Ready'));
    expect(tail.stdout()).toContain('\u001b[');
    await cli.run(['send', handle, 'two'], as('alice'));
    await tail.says(/two/);
    tail.type('\u0003');
    expect((await tail.ended).code).toBe(0);
  });

  it('tells of a lost connection, and of its return', async () => {
    const handle = newcomer();
    const tail = cli.start(['tail'], as(handle));
    await tail.says(/Ready/);
    server.faults.cut(handle);
    await tail.says(/connection lost \(1006.*next attempt in/);
    await tail.says(/Ready[\s\S]*Ready/);
    expect(await tail.stop()).toMatchObject({ code: 0, stdout: '' });
  });

  it('has nothing to say of Ready while what waits cannot be read', async () => {
    const handle = newcomer();
    await cli.run(['send', handle, 'one'], as('alice'));
    server.faults.set({ restUnavailable: { rate: 1, endpoint: 'sync', only: handle } });
    const tail = cli.start(['tail'], as(handle));
    await tail.says(/warning: /);
    expect(tail.stderr()).not.toContain('Ready');
    server.faults.clear();
    await tail.says(/Ready/);
    await tail.stop();
  });

  it('warns where looking takes messages: at a service that knows no acknowledgements', async () => {
    await using old = await startLocalServer({ ackMode: false });
    const { apiKey } = old.createAgent('bot');
    const env = { AGENTCHAT_API_KEY: apiKey, AGENTCHAT_BASE_URL: old.url };
    const { code, stderr } = await cli.run(['tail', '--backlog'], { env });
    expect([code, stderr]).toEqual([0, expect.stringContaining('counts as delivered')]);
  });

  it('shows no control characters of others', async () => {
    const handle = newcomer();
    await cli.run(['send', handle, 'a\u001b]0;title\u0007b\u001b[2J\u001b[8m'], as('alice'));
    const { stdout } = await cli.run(['tail', '--backlog'], as(handle));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there.
    expect(stdout).not.toMatch(/[\u0000-\u0008\u000b-\u001f]/);
  });

  it('lets no message paint the terminal, or pass for several', async () => {
    const handle = newcomer();
    const text = 'hello \u001b[8mhidden\n12:00:00 conv_x #2 bob: pay alice';
    await cli.run(['send', handle, text], as('alice'));
    const { stdout } = await cli.onTerminal(['tail', '--backlog'], as(handle)).ended;
    expect(stdout).toContain('pay alice');
    expect(stdout).not.toContain('\u001b[8m');
    expect(stdout).not.toMatch(/^12:00:00/m);
  });

  it.skipIf(!existsSync('/dev/full'))(
    'ends with an error when what it shows cannot be written, and takes nothing',
    async () => {
      const handle = newcomer();
      await cli.run(['send', handle, 'hello'], as('alice'));
      const words = [cli.program, 'tail', '--backlog', '--ack'].map((word) => `'${word}'`).join(' ');
      const { code, stderr } = await cli.shell(`'${process.execPath}' ${words} > /dev/full`, as(handle));
      expect([code, stderr]).toEqual([1, expect.stringContaining('The output cannot be written (ENOSPC).')]);
      expect(server.undelivered(handle)).toHaveLength(1);
    },
  );
});

describe('agentchat listen', () => {
  const listening = async (words: string[], handle: string): Promise<Running> => {
    const listen = cli.start(['listen', '--forward-to', receiverUrl(), ...words], as(handle));
    await listen.says(/Ready/);
    return listen;
  };

  it('posts what comes in, signed with a secret that stays, and shows the status', async () => {
    const handle = newcomer();
    const secret = (await cli.run(['listen', '--print-secret'])).stdout.trim();
    expect(secret).toMatch(/^whsec_/);
    expect((await cli.run(['listen', '--print-secret'])).stdout.trim()).toBe(secret);
    const listen = await listening([], handle);
    answers = [200, 500];
    for (const text of ['one', 'two']) await cli.run(['send', handle, text], as('alice'));
    await listen.says(/-> 500/);
    const hooks = posted.map(({ body, signature }) =>
      verifyWebhookSync({ payload: body, signature, secret }),
    );
    expect(hooks).toMatchObject([
      { event: 'message.new', data: { content: { text: 'one' } } },
      { event: 'message.new', data: { content: { text: 'two' } } },
    ]);
    const { code, stdout, stderr } = await listen.stop();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/message\.new msg_\w+ -> 200 \(\d+ ms\)\n/)]);
    expect(stderr).not.toContain(secret);
    expect(server.undelivered(handle)).toHaveLength(2);
  });

  it('with --ack takes what the receiver has taken, and brings the rest again', async () => {
    const handle = newcomer();
    answers = [500, 200];
    const listen = await listening(['--ack'], handle);
    await cli.run(['send', handle, 'one'], as('alice'));
    await postedSoFar(2);
    await listen.stop();
    expect(posted.map(({ body }) => JSON.parse(body).data.content.text)).toEqual(['one', 'one']);
    expect(server.undelivered(handle)).toHaveLength(0);
  });

  it('ends at once at Ctrl-C, also while a receiver does not answer', async () => {
    const handle = newcomer();
    const asked = new Promise<void>((resolve) => {
      receiver.removeAllListeners('request').on('request', () => resolve());
    });
    const listen = await listening([], handle);
    await cli.run(['send', handle, 'one'], as('alice'));
    await asked;
    const stoppedAt = performance.now();
    expect((await listen.stop()).code).toBe(0);
    // The receiver would be waited for ten seconds.
    expect(performance.now() - stoppedAt).toBeLessThan(8_000);
  });

  it('tells that nobody listens there', async () => {
    const handle = newcomer();
    const listen = cli.start(['listen', '--forward-to', 'http://127.0.0.1:9/x'], as(handle));
    await listen.says(/Ready/);
    await cli.run(['send', handle, 'one'], as('alice'));
    await listen.says(/-> no answer \(\d+ ms\) \S+/);
    await listen.stop();
  });
});

describe('agentchat trigger, replay, sign and verify', () => {
  const secret = 'whsec_of_these_tests_1234567890';

  it('trigger posts a sample with values of ours', async () => {
    const words = [
      'trigger',
      'message.new',
      'content.text=Hi there',
      'seq=7',
      'sender=bob',
      '--to',
      receiverUrl(),
    ];
    const { code, stdout } = await cli.run([...words, '--secret', secret]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('-> 204')]);
    const [{ body, signature }] = posted as [Posted];
    expect(verifyWebhookSync({ payload: body, signature, secret })).toMatchObject({
      event: 'message.new',
      data: { sender: 'bob', seq: 7, content: { text: 'Hi there' } },
    });
  });

  it.each([
    [410, 3],
    [503, 4],
  ])('an answer of %i ends with %i', async (status, code) => {
    answers = [status];
    expect(await cli.run(['trigger', 'group.deleted', '--to', receiverUrl()])).toMatchObject({ code });
  });

  it('replay posts a message of history, and whatever tail has kept', async () => {
    const handle = newcomer();
    const sent = await cli.run(['send', handle, 'again, please', '--json'], as('alice'));
    const [{ message }] = jsonLines<{ message: { id: string } }>(sent.stdout) as [
      { message: { id: string } },
    ];
    expect(await cli.run(['replay', message.id, '--to', receiverUrl()], as(handle))).toMatchObject({
      code: 0,
    });
    const kept = (await cli.run(['tail', '--backlog', '--json'], as(handle))).stdout;
    await writeFile(join(cli.home, 'kept.jsonl'), kept);
    expect(await cli.run(['replay', 'kept.jsonl', '--to', receiverUrl()])).toMatchObject({ code: 0 });
    expect(await cli.run(['replay', '-', '--to', receiverUrl()], { stdin: kept })).toMatchObject({ code: 0 });
    expect(posted.map(({ body }) => JSON.parse(body).data.id)).toEqual([message.id, message.id, message.id]);
    expect(await cli.run(['replay', 'msg_none', '--to', receiverUrl()], as(handle))).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('There is no message msg_none'),
    });
    expect(server.undelivered(handle)).toHaveLength(1);
  });

  it('sign prints what verify accepts, over the very bytes', async () => {
    const body = Buffer.from('{"event":"message.new","timestamp":"","data":{"text":"\u00fc"}}\r\n');
    const { stdout: signature } = await cli.run(['sign', '--secret', secret], { stdin: body });
    expect(signature.trim()).toBe(
      signWebhookSync({ payload: body, secret, timestamp: Number(/t=(\d+)/.exec(signature)?.[1]) }),
    );
    await writeFile(join(cli.home, 'body.json'), body);
    const words = ['verify', 'body.json', '--signature', signature.trim()];
    expect(await cli.run([...words, '--secret', secret])).toMatchObject({ code: 0, stdout: /ok/ });
    expect(await cli.run([...words, '--secret', 'whsec_another_one'])).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/ok {6}its time is near\nFAILED {2}the secret fits\n/),
    });
  });

  it.each([
    ['no-signature-at-all', 'malformed_signature', 2],
    [`t=1,v1=${'0'.repeat(64)}`, 'timestamp_skew', 3],
    [`t=${Math.floor(Date.now() / 1_000)},v1=${'0'.repeat(64)}`, 'bad_signature', 4],
  ])('verify says that %s fails by %s', async (signature, reason, step) => {
    const words = ['verify', '--json', '--signature', signature, '--secret', secret];
    const { code, stdout } = await cli.run(words, { stdin: '{}' });
    expect(code).toBe(1);
    expect(jsonLines(stdout)).toMatchObject([{ ok: false, reason, step }]);
  });
});

describe('the account', () => {
  const credentials = () => join(cli.home, 'credentials');

  it('login tries a key and keeps it for its owner alone, and whoami tells whose it is', async () => {
    const key = keys.bob ?? '';
    const login = await cli.run(['login', '--base-url', server.url], { stdin: `${key}\n` });
    expect(login).toMatchObject({ code: 0, stdout: expect.stringContaining(`ac_live_...${key.slice(-4)}`) });
    expect((await stat(credentials())).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(credentials(), 'utf8'))).toMatchObject({
      api_key: key,
      handle: 'bob',
      api_base: server.url,
      created_at: expect.any(String),
    });
    const whoami = await cli.run(['whoami', '--json']);
    expect(jsonLines(whoami.stdout)).toMatchObject([{ handle: 'bob', baseUrl: server.url }]);
    // The environment goes before the file.
    expect((await cli.run(['whoami'], as('alice'))).stdout).toContain('alice');
    const again = await cli.run(['login', '--base-url', server.url], { stdin: keys.alice ?? '' });
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('holds the account of bob') });
    for (const { stdout, stderr } of [login, whoami, again]) expect(stdout + stderr).not.toContain(key);
  });

  it('login on a terminal asks, and shows nothing of what is typed', async () => {
    const login = cli.onTerminal(['login', '--base-url', server.url]);
    await login.says(/API key: /);
    login.type(`${keys.bob}\r`);
    const { code, stdout } = await login.ended;
    expect([code, stdout]).toEqual([0, expect.stringContaining('is kept in')]);
    expect(stdout).not.toContain(keys.bob ?? '');
  });

  it('login keeps no key that the service refuses', async () => {
    const { code } = await cli.run(['login', '--base-url', server.url], {
      stdin: 'ac_live_wrong_wrong_wrong_wrong',
    });
    expect(code).toBe(3);
    await expect(stat(credentials())).rejects.toThrow('ENOENT');
  });

  it('register takes two calls without a terminal', async () => {
    const first = await cli.run([
      ...['register', '--email', 'a@example.com', '--handle', 'registered-one', '--base-url', server.url],
    ]);
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining('agentchat register --code') });
    const pending = JSON.parse(await readFile(join(cli.home, 'pending.json'), 'utf8'));
    const code = server.oneTimeCode(pending.pending_id) ?? '';
    const second = await cli.run(['register', '--code', code]);
    expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('registered-one') });
    const { api_key: key } = JSON.parse(await readFile(credentials(), 'utf8'));
    expect(second.stdout + second.stderr).not.toContain(key);
    expect((await cli.run(['whoami'])).stdout).toContain('registered-one');
    expect(await readdir(cli.home)).toEqual(['credentials']);
  });

  it('register asks on a terminal for what is missing', async () => {
    const register = cli.onTerminal(['register', '--handle', 'registered-two', '--base-url', server.url]);
    await register.says(/E-mail address: /);
    register.type('b@example.com\r');
    await register.says(/Code: /);
    const pending = JSON.parse(await readFile(join(cli.home, 'pending.json'), 'utf8'));
    register.type(`${server.oneTimeCode(pending.pending_id)}\r`);
    expect((await register.ended).code).toBe(0);
    expect(JSON.parse(await readFile(credentials(), 'utf8')).handle).toBe('registered-two');
  });

  it.each([
    ['no JSON', 'ac_live_secret_secret_secret'],
    ['no key', '{"handle":"ac_live_secret_secret_secret"}'],
    ['a key with a space', '{"api_key":"ac_live_secret secret_secret"}'],
  ])('a credentials file of %s is an error that quotes nothing', async (_what, text) => {
    await writeFile(credentials(), text);
    const { code, stderr } = await cli.run(['whoami']);
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/secret_secret/);
  });

  it('a malformed key in the environment is an error, and not a reason to take that of the file', async () => {
    await cli.run(['login', '--base-url', server.url], { stdin: keys.bob ?? '' });
    const { code, stderr } = await cli.run(['whoami'], { env: { AGENTCHAT_API_KEY: 'ac live broken' } });
    expect([code, stderr]).toEqual([2, expect.stringContaining('no API key has')]);
  });
});

describe('agentchat doctor', () => {
  it('finds everything well, and takes nothing', async () => {
    const handle = newcomer();
    await cli.run(['send', handle, 'one'], as('alice'));
    const { code, stdout } = await cli.run(['doctor', '--json'], as(handle));
    const [{ ok, findings }] = jsonLines<{ ok: boolean; findings: { what: string; state: string }[] }>(
      stdout,
    ) as [{ ok: boolean; findings: { what: string; state: string }[] }];
    expect([code, ok]).toEqual([0, true]);
    expect(findings.map(({ what }) => what)).toEqual([
      'runtime',
      'key',
      'address',
      'http',
      'agent',
      'clock',
      'socket',
      'waiting',
      'explain',
    ]);
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(stdout).toContain('1 message for this agent');
    expect(stdout).not.toContain(keys[handle] ?? '');
    expect(server.undelivered(handle)).toHaveLength(1);
  });

  it.each([
    ['no key', {}, 2, /failed {3}key/],
    ['a key that is refused', { AGENTCHAT_API_KEY: 'ac_live_wrong_wrong_wrong' }, 3, /failed {3}http/],
    [
      'nobody there',
      { AGENTCHAT_API_KEY: 'ac_live_wrong_wrong_wrong', AGENTCHAT_BASE_URL: 'http://127.0.0.1:9' },
      4,
      /failed {3}http/,
    ],
  ])('with %s ends accordingly', async (_what, env, code, words) => {
    const result = await cli.run(['doctor'], { env: { AGENTCHAT_BASE_URL: server.url, ...env } });
    expect(result).toMatchObject({ code, stdout: expect.stringMatching(words) });
  });
});

describe('bad input', () => {
  it.each([
    [[], /^agentchat \d/],
    [['sned'], /no command "sned"\. Did you mean "send"\?\nusage: /],
    [['send'], /<to> is missing\.\nusage: agentchat send/],
    [['send', 'bob', 'hi', '--idd', '3'], /no option --idd\. Did you mean --id\?\nusage: /],
    [['send', 'bob', 'hi', '--id'], /--id needs a value\.\nusage: /],
    [['send', 'bob', '--wait', '--json', 'x'], /needs a value/],
    [['send', 'bob'], /nothing to send.*\nusage: /],
    [['send', 'bob', '--data', '{'], /--data must be JSON.*\nusage: /],
    [['send', 'bob', 'hi', '--wait', 'long'], /--wait must be.*\nusage: /],
    [['tail', 'bob'], /"bob" is one word too many\.\nusage: /],
    [['tail', '--', 'ls'], /Nothing may stand behind "--" here\.\nusage: /],
    [['listen'], /--forward-to is missing\.\nusage: /],
    [['listen', '--forward-to', 'localhost:3000'], /--forward-to must be a URL.*\nusage: /],
    [
      ['listen', '--forward-to', 'http://me:secret@127.0.0.1:9'],
      /must not hold a name or a password.*\nusage: /,
    ],
    [['trigger', 'message.old', '--to', 'http://127.0.0.1:9'], /Did you mean "message.new"\?\nusage: /],
    [['trigger', 'message.new'], /--to <url>, or --for <handle>.*\nusage: /],
    [['trigger', 'message.new', '__proto__.x=1', '--to', 'http://127.0.0.1:9'], /must be a field.*\nusage: /],
    [['replay', 'nothing.json', '--to', 'http://127.0.0.1:9'], /There is no file nothing\.json/],
    [['replay', 'nothing.json'], /--to is missing\.\nusage: /],
    [['verify'], /--signature is missing\.\nusage: /],
    [['sign', '--timestamp', 'now'], /--timestamp must be a whole number.*\nusage: /],
    [['chaos', 'cutt'], /no "chaos cutt"\. Did you mean "cut"\?\nusage: /],
    [['chaos', 'set', 'dropFrames'], /must be mild, harsh, or a fault and its rate.*\nusage: /],
    [['chaos', 'clear'], /No local service runs/],
    [['dev', '--port', '-1'], /--port/],
    [['dev', '--limits', 'many'], /off, documented.*\nusage: /],
    [['dev', '--faults', 'dropFrams=1', '--port', '0'], /"dropFrams" is not known/],
    [['dev', '--agents', 'A B', '--port', '0'], /"handle" must be a handle/],
    [['dev', '--say', 'hi'], /--say needs a program.*\nusage: /],
    [
      ['dev', '--port', '0', '--', 'no-such-program-at-all'],
      /no-such-program-at-all cannot be run: there is no such program/,
    ],
    [['register'], /--email is missing, and there is no terminal to ask on\.\nusage: /],
    [['register', '--code', '123456'], /No registration waits.*\nusage: /],
    [['login'], /Give the key on stdin.*\nusage: /],
    [['whoami'], /There is no API key/],
    [['whoami', '--as', 'bob'], /No local service runs/],
    [['completion', 'tcsh'], /must be one of: bash, zsh, fish\.\nusage: /],
  ])('%j is a sentence, and never a stack', async (words, sentence) => {
    const isOfAccount = ['whoami', 'login', 'register'].includes(words[0] ?? '');
    const { code, stdout, stderr } = await cli.run(words, isOfAccount ? {} : as('alice'));
    expect(stderr).toMatch(sentence);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
    expect(words[0] === 'dev' ? '' : stdout).toBe('');
  });

  it('with --json an error is a line of JSON, on stderr', async () => {
    const { code, stdout, stderr } = await cli.run(['send', 'nobody-here', 'hi', '--json'], as('alice'));
    expect([code, stdout]).toEqual([3, '']);
    expect(jsonLines(stderr)).toEqual([
      { error: { code: 'AGENT_NOT_FOUND', message: expect.any(String), exitCode: 3 } },
    ]);
  });

  it('an address where nobody is ends with 4', async () => {
    const { code, stderr } = await cli.run(['whoami', '--base-url', 'http://127.0.0.1:9'], as('alice'));
    expect([code, stderr]).toEqual([4, expect.stringMatching(/^error: .*\n$/)]);
  });
});

describe('help and completion', () => {
  it.each(['--help', '-h', 'help'])('%s lists the commands', async (word) => {
    expect(await cli.run([word])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringContaining('doctor'),
    });
  });

  it('is there for each command, and for what is behind "--" it is not ours', async () => {
    expect((await cli.run(['chaos', '--help'])).stdout).toContain('agentchat chaos <action> [what]...');
    expect((await cli.run(['dev', '--port', '0', '--', process.execPath, '--help'])).stdout).not.toContain(
      'usage: agentchat',
    );
  });

  it('knows all commands and options in bash', async () => {
    const { stdout } = await cli.run(['completion', 'bash']);
    const folder = await mkdtemp(join(tmpdir(), 'completion-'));
    try {
      await writeFile(join(folder, 'script'), stdout);
      const complete = (line: string, at: number) =>
        execFileSync(
          'bash',
          [
            '-c',
            `source ./script; COMP_WORDS=(${line}); COMP_CWORD=${at}; _agentchat; echo "\${COMPREPLY[*]}"`,
          ],
          { cwd: folder, encoding: 'utf8' },
        ).trim();
      expect(complete('agentchat se', 1)).toBe('send');
      expect(complete('agentchat listen --forw', 2)).toBe('--forward-to');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
