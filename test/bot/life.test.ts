import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Bot, type BotOptions, createBot } from 'agentchat-client/bot';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BotWorld, until } from './bot-world.js';

let world: BotWorld;
beforeEach(async () => {
  world = await BotWorld.open();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await world.close();
});

const think = () => 'hello';

describe('starting and stopping', () => {
  it('start() after stop() works again, and once more', async () => {
    const alice = world.peer('alice');
    const { bot } = world.idle('bot', { think: (turn) => `to: ${turn.text}` });
    const typings: string[] = [];
    bot.on('typing.start', ({ type }) => void typings.push(type));
    for (const text of ['one', 'two', 'three']) {
      await bot.start();
      expect(bot.health()).toMatchObject({ ready: true, stopping: false });
      await alice.say('bot', text);
      await until(text, () => alice.said('bot').at(-1) === `to: ${text}`);
      await bot.stop();
      expect(bot.health()).toMatchObject({
        ready: false,
        notReadyBecause: 'It is stopping.',
        runningTurns: 0,
      });
    }
  });

  it('stop() while it connects is no failure of run(), and a stop of what never started is nothing', async () => {
    const { bot } = world.idle('bot', { think });
    await bot.stop();
    const running = bot.run();
    await bot.stop();
    await running;
    expect(world.server.connections('bot')).toBe(0);
  });

  it('run() goes on until it is stopped, also the second time, and leaves no listener of signals', async () => {
    const { bot } = world.idle('bot', { think });
    const before = [process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')];
    for (const life of [1, 2]) {
      let isOver = false;
      const running = bot.run().then(() => {
        isOver = true;
      });
      await until(`life ${life}`, () => bot.health().ready);
      expect(isOver).toBe(false);
      await bot.stop();
      await running;
    }
    expect([process.listenerCount('SIGTERM'), process.listenerCount('SIGINT')]).toEqual(before);
  });

  it('run() refuses options that cannot be before it starts, not at the signal', async () => {
    const { bot } = world.idle('bot', { think });
    const before = process.listenerCount('SIGTERM');
    await expect(bot.run({ deadlineMs: -1 })).rejects.toThrow('"deadlineMs"');
    await expect(bot.run({ deadline: 1 } as never)).rejects.toThrow('did you mean "deadlineMs"?');
    expect(world.server.connections('bot')).toBe(0);
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  it('run() rejects when the key is refused, and health says why', async () => {
    const { bot } = world.idle('bot', { think, apiKey: 'ac_live_this_is_nobodys_key_at_all' });
    await expect(bot.run()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    expect(bot.health()).toMatchObject({ ready: false, ended: expect.any(String) });
    expect(JSON.stringify(bot)).not.toContain('nobodys_key');
  });

  it('run() rejects when the key is refused in a later life', async () => {
    const { bot } = world.idle('bot', { think });
    await bot.start();
    await bot.stop();
    const running = bot.run();
    const refused = expect(running).rejects.toBeInstanceOf(Error);
    await until('ready', () => bot.health().ready);
    world.server.rotateKey('bot');
    await refused;
    expect(bot.health().ended).toEqual(expect.any(String));
  });

  it('a start without anything to answer with is refused, and says what to do', async () => {
    const { bot } = world.idle('bot', {});
    await expect(bot.start()).rejects.toThrow('pass `think` to createBot()');
  });
});

describe('the account', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bot-account-'));
    vi.stubEnv('AGENTCHAT_HOME', folder);
    vi.stubEnv('AGENTCHAT_API_KEY', undefined);
    vi.stubEnv('AGENTCHAT_BASE_URL', undefined);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const quiet = { think, log: () => {} };
  const file = (text: string) => writeFile(join(folder, 'credentials'), text);
  async function handleOf(bot: Bot): Promise<string> {
    await bot.start();
    const { handle } = await bot.client.getMe();
    await bot.stop();
    return handle;
  }

  it('is in the options, else in the environment, else in the file', async () => {
    const { url: baseUrl } = world.server;
    await file(JSON.stringify({ api_key: world.keyOf('filed'), api_base: baseUrl, handle: 'filed' }));
    expect(await handleOf(createBot(quiet))).toBe('filed');
    vi.stubEnv('AGENTCHAT_API_KEY', world.keyOf('surrounded'));
    expect(await handleOf(createBot({ ...quiet, baseUrl }))).toBe('surrounded');
    expect(await handleOf(createBot({ ...quiet, baseUrl, apiKey: world.keyOf('given') }))).toBe('given');
  });

  it.each([
    ['no JSON', 'ac_live_secret_secret_secret'],
    ['no object', '"ac_live_secret_secret_secret"'],
    ['null', 'null'],
    ['no key', '{"apikey":"ac_live_secret_secret_secret"}'],
    ['a key that is none', '{"api_key":["ac_live_secret_secret_secret"]}'],
    ['an address that is none', '{"api_key":"ac_live_secret_secret_secret","api_base":7}'],
  ])('in a file of %s is an error that names the file and quotes nothing of it', async (_what, text) => {
    await file(text);
    const error: Error = await createBot(quiet)
      .start()
      .then(
        () => new Error('started'),
        (reason) => reason,
      );
    expect(error).toMatchObject({ name: 'ValidationError', message: expect.stringContaining(folder) });
    expect(inspect(error, { depth: 9 })).not.toContain('secret_secret');
  });

  it('nowhere is an error that says where it is looked for', async () => {
    await expect(createBot(quiet).start()).rejects.toThrow('AGENTCHAT_API_KEY');
    expect(() => createBot(quiet).client).toThrow('credentials file');
    expect(() => createBot(quiet).realtime).toThrow('credentials file');
  });

  it('a bot that is printed shows how it is, never its key', async () => {
    const apiKey = world.keyOf('bot');
    const bot = createBot({ ...quiet, apiKey, baseUrl: world.server.url });
    for (const shown of [
      inspect(bot),
      inspect(bot, { depth: 9, showHidden: true }),
      JSON.stringify(bot),
      `${bot}`,
    ]) {
      expect(shown).not.toContain(apiKey);
    }
    expect(inspect(bot)).toMatch(/^Bot \{"ready":false,.*"connection":"idle"/);
  });
});

describe('options', () => {
  it.each<[string, BotOptions | null, string]>([
    ['an unknown name', { thnik: think } as never, 'thnik'],
    ['think that is none', { think: 'hello' as never }, 'think'],
    ['turns.maxMessages', { turns: { maxMessages: 0 } }, 'turns.maxMessages'],
    ['turns.maxMessages beyond a lane', { turns: { maxMessages: 257 } }, 'turns.maxMessages'],
    ['turns.settleMs', { turns: { settleMs: -1 } }, 'turns.settleMs'],
    ['turns.onMore', { turns: { onMore: 'drop' as never } }, '"queue" or "interrupt"'],
    ['turns.apology', { turns: { apology: ' ' } }, 'turns.apology'],
    ['an unknown option of turns', { turns: { timeout: 5 } as never }, 'timeout'],
    ['answer.groups', { answer: { groups: 'sometimes' as never } }, 'answer.groups'],
    ['guard', { guard: { repliesPerPeer: 0 } }, 'guard.repliesPerPeer'],
    ['replies', { replies: { maxMessages: 0 } }, 'replies.maxMessages'],
    ['a store that was not awaited', { store: Promise.resolve() as never }, 'await lmdbStore'],
    ['a store of cursors only', { store: { load: () => {} } as never }, 'whole store'],
    ['replicas without a shared store', { replicas: true }, 'postgresStore'],
    [
      "an option of the connection that is the bot's",
      { realtime: { handlerRetry: {} } as never },
      'turns: { retries }',
    ],
    ['session that is none', { session: {} as never }, 'session'],
  ])('%s is refused, and the error names it or what to write', (_what, options, named) => {
    expect(() => createBot({ apiKey: 'ac_live_0123456789abcdef0123', ...options })).toThrow(named);
  });

  it('null is refused in words', () => {
    expect(() => createBot(null as never)).toThrow(expect.objectContaining({ name: 'ValidationError' }));
  });

  it('commands, patterns, middleware and listeners that cannot be are refused', () => {
    const bot = createBot({ apiKey: 'ac_live_0123456789abcdef0123', think });
    bot.command('help', think);
    expect(() => bot.command('help', think)).toThrow('has a handler already');
    expect(() => bot.command('/help', think)).toThrow('without the "/"');
    expect(() => bot.hear('', think)).toThrow('hear()');
    expect(() => bot.use(null as never)).toThrow('middleware');
    expect(() => bot.on('message.new', () => {})).toThrow('`think`');
    expect(() => bot.on('turns' as never, () => {})).toThrow('There is no event "turns"');
  });
});

describe('middleware', () => {
  it('runs in the order in which it was added; without next() nobody answers; next() twice fails the turn', async () => {
    const alice = world.peer('alice');
    const order: string[] = [];
    const { bot, turns } = world.idle('bot', {
      turns: { retries: 0, apology: 'Sorry.' },
      think: () => void order.push('think'),
    });
    bot.use(async (turn, next) => {
      order.push('first');
      if (turn.text === 'silence') return;
      await next();
      if (turn.text === 'twice') await next();
      order.push('first again');
    });
    bot.use(async (_turn, next) => {
      order.push('second');
      await next();
    });
    await bot.start();
    await alice.say('bot', 'hello');
    await until('one', () => turns.length === 1);
    expect(order.splice(0)).toEqual(['first', 'second', 'think', 'first again']);
    await alice.say('bot', 'silence');
    await until('two', () => turns.length === 2);
    expect(order.splice(0)).toEqual(['first']);
    await alice.say('bot', 'twice');
    await until('three', () => turns.length === 3);
    expect(turns.map(({ outcome }) => outcome)).toEqual(['silent', 'silent', 'apologised']);
    expect(String(turns[2]?.error)).toContain('next() was called twice');
  });
});
