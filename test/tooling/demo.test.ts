import type { Message } from 'agentchat-client';
import { afterEach, describe, expect, it } from 'vitest';
import { planOf } from '../../demo/faults.js';
import { isClean, Ledger } from '../../demo/ledger.js';
import { parseOptions } from '../../demo/options.js';
import { Progress } from '../../demo/progress.js';
import { shareOf } from '../../demo/senders.js';
import { isKept, table } from '../../demo/table.js';
import { endPrograms, run, runProgram } from '../readme/program.js';
import { describeWithEngine } from '../support/servers/engines.js';

describe('the options of the demo', () => {
  const parse = (line: string) => parseOptions(line.split(' ').filter((word) => word !== ''));

  it('have defaults, and take values with a space or an equals sign', () => {
    expect(parse('')).toEqual({
      kind: 'run',
      options: {
        ...{ conversations: 20, messages: 2_000, seed: 1, faults: 'mild', client: 'agentchat-client' },
        ...{ brain: null, replicas: 1, store: null },
      },
    });
    expect(parse('--conversations 3 --messages=40 --seed 0 --faults harsh --client=agentchatme')).toEqual({
      kind: 'run',
      options: {
        ...{ conversations: 3, messages: 40, seed: 0, faults: 'harsh', client: 'agentchatme' },
        ...{ brain: null, replicas: 1, store: null },
      },
    });
    expect(parse('--replicas 3 --store=redis')).toMatchObject({
      kind: 'run',
      options: { replicas: 3, store: 'redis' },
    });
    expect(parse('--bot --messages 7')).toMatchObject({ options: { client: 'bot', messages: 7 } });
    expect(parse('--brain somia')).toMatchObject({ options: { client: 'bot', brain: 'somia' } });
    expect(parse('--help')).toEqual({ kind: 'help' });
  });

  it.each([
    ['--speed 3', 'there is no option --speed'],
    ['--constructor 3', 'there is no option --constructor'],
    ['--__proto__ 3', 'there is no option --__proto__'],
    ['harsh', '"harsh" is not an option'],
    ['--seed', '--seed needs a value'],
    ['--seed=', '--seed needs a value'],
    ['--seed 1.5', '--seed takes a whole number from 0 to 4294967295, not "1.5"'],
    ['--messages 0', '--messages takes a whole number from 1 to 100000, not "0"'],
    ['--messages -5', '--messages takes a whole number from 1 to 100000, not "-5"'],
    ['--conversations 1e2', '--conversations takes a whole number from 1 to 500, not "1e2"'],
    ['--faults wild', '--faults is one of off, mild, harsh, not "wild"'],
    ['--faults agentchatme', '--faults is one of off, mild, harsh, not "agentchatme"'],
    ['--client harsh', '--client is one of agentchat-client, agentchatme, bot, not "harsh"'],
    ['--replicas 1 --store redis', '--replicas takes a whole number from 2 to 9, not "1"'],
    ['--replicas 3', 'Replicas need a store that they share: add --store postgres or --store redis'],
    [
      '--store redis',
      'One process alone needs no shared store: add --replicas 3, or leave out --store redis',
    ],
    ['--replicas 3 --store lmdb', '--store is one of postgres, redis, not "lmdb"'],
    [
      '--replicas 3 --store redis --client agentchatme',
      'The client agentchatme knows no replicas: leave out --client, or leave out --replicas',
    ],
    ['--brain agora', '--brain is one of phoson, sonzai, somia, not "agora"'],
    [
      '--brain somia --client agentchatme',
      'Only the bot kit takes a brain: leave out --client agentchatme, or leave out --brain',
    ],
    [
      '--brain somia --replicas 3 --store redis',
      'A bot with a brain is one process: leave out --brain, or leave out --replicas',
    ],
  ])('refuse %s', (line, problem) => {
    expect(parse(line)).toEqual({ kind: 'wrong', problem });
  });

  afterEach(endPrograms);

  it('give a bad option a usage line and exit code 2, no stack', async () => {
    const program = run(['scripts/start.mjs', '--faults', 'wild']);
    expect(await program.exit).toBe(2);
    const lines = program.output().trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^usage: npm start -- /);
  });
});

it('the demo names the command that installs a missing server', async () => {
  const elsewhere = { PATH: '/nowhere', AGENTCHAT_TEST_REDIS_URL: '' };
  const program = runProgram('demo/main.ts', ['--replicas', '3', '--store', 'redis'], elsewhere);
  expect(await program.exit).toBe(2);
  expect(program.output()).toBe(
    'There is no Redis on this machine. Run: apt-get install -y redis-server (or set AGENTCHAT_TEST_REDIS_URL to the address of one).\n',
  );
  await endPrograms();
});

describe('the demo', () => {
  afterEach(endPrograms);

  it('ends at Ctrl-C, with what it has counted so far', async () => {
    const program = run([
      'scripts/start.mjs',
      '--conversations',
      '2',
      '--messages',
      '500',
      '--faults',
      'off',
    ]);
    await program.says(/3 agents registered/);
    expect(await program.stop('SIGINT')).toBe(130);
    expect(program.output()).toMatch(/handled +\d+\n/);
    expect(program.output()).toMatch(/Stopped before the end\.\n$/);
  });

  it('loses nothing, whatever goes wrong, and says so with its exit code', { timeout: 120_000 }, async () => {
    const program = run(['scripts/start.mjs', '--conversations', '3', '--messages', '90', '--seed', '7']);
    expect(await program.exit).toBe(0);
    expect(program.output()).toMatch(/handled +90\n/);
  });

  it('TURN-2 keeps the promise on the bot kit too', { timeout: 120_000 }, async () => {
    const program = run(['scripts/start.mjs', '--bot', '--conversations', '3', '--messages', '60']);
    expect(await program.exit).toBe(0);
    expect(program.output()).toMatch(/^agentchat-client\/bot /);
    expect(program.output()).toMatch(/replies +60\n/);
  });

  it.each(['phoson', 'sonzai', 'somia'])(
    'TURN-2 keeps the promise while %s thinks, refuses, breaks off and is slow',
    { timeout: 120_000 },
    async (brain) => {
      const program = run(
        `scripts/start.mjs --brain ${brain} --conversations 3 --messages 60 --seed 14`.split(' '),
      );
      expect(await program.exit, program.output()).toBe(0);
      expect(program.output()).toMatch(/replies +60\n/);
      expect(program.output()).toMatch(/refused \/ broken off \/ late +[1-9]\d* \/ [1-9]\d* \/ [1-9]/);
    },
  );
});

const message = (
  id: string,
  conversation_id: string,
  seq: number,
  sender: string,
  reply_to?: string,
): Message =>
  ({
    id,
    conversation_id,
    seq,
    sender,
    client_msg_id: id,
    type: 'text',
    content: { text: id },
    metadata: reply_to === undefined ? {} : { reply_to },
    created_at: '2026-01-01T00:00:00.000Z',
  }) as Message;

describeWithEngine('Redis', 'the demo with replicas', () => {
  afterEach(endPrograms);

  it('shows what came of three processes that were killed, stopped and restarted', {
    timeout: 150_000,
  }, async () => {
    const program = run(
      'scripts/start.mjs --replicas 3 --store redis --conversations 5 --messages 100 --seed 2'.split(' '),
    );
    expect(await program.exit, program.output()).toBe(0);
    expect(program.output()).toMatch(/handled +100\n/);
    expect(program.output()).toMatch(/two at one conversation +0\n/);
    expect(program.output()).toMatch(/take-overs after a kill +\d/);
  });
});

describe('the ledger', () => {
  const one = message('one', 'conv_a', 1, 'alice');
  const two = message('two', 'conv_a', 2, 'alice');
  const answer = (id: string, to: Message) => message(id, to.conversation_id, 9, 'bot', to.id);
  const handle = (ledger: Ledger, ...messages: Message[]) => {
    for (const each of messages) {
      ledger.started(each);
      ledger.finished(each);
    }
  };

  it('finds nothing wrong with a run in which all went well', () => {
    const ledger = new Ledger();
    handle(ledger, one, two);
    const tally = ledger.tally([one, two, answer('x', one), answer('y', two)], 'bot');
    expect(tally).toEqual({
      sent: 2,
      handled: 2,
      replies: 2,
      lost: 0,
      handledTwice: 0,
      handledAgain: 0,
      outOfOrder: 0,
      answeredTwice: 0,
    });
    expect(isClean(tally)).toBe(true);
  });

  it('counts what was stored and not handled as lost, also when its handler began', () => {
    const ledger = new Ledger();
    handle(ledger, one);
    ledger.started(two);
    const tally = ledger.tally([one, two], 'bot');
    expect(tally).toMatchObject({ sent: 2, handled: 1, lost: 1 });
    expect(isClean(tally)).toBe(false);
  });

  it('counts second completions, and does not count a failed call that was repeated', () => {
    const ledger = new Ledger();
    ledger.started(one);
    handle(ledger, one, two, two);
    const tally = ledger.tally([one, two], 'bot');
    expect(tally).toMatchObject({ handled: 2, handledTwice: 1, outOfOrder: 0 });
    expect(isClean(tally)).toBe(false);
  });

  it('counts calls that begin after a later message of the same conversation', () => {
    const ledger = new Ledger();
    handle(ledger, two, one, message('other', 'conv_b', 1, 'alice'));
    const tally = ledger.tally([one, two], 'bot');
    expect(tally).toMatchObject({ outOfOrder: 1, lost: 0 });
    expect(isClean(tally)).toBe(false);
  });

  it('does not mind what is handled again because a hand was dropped, and says how often', () => {
    const again = (isDropped: boolean) => {
      const ledger = new Ledger();
      for (const each of [one, two]) {
        ledger.started(each, 'first');
        ledger.finished(each, 'first');
      }
      if (isDropped) ledger.dropped('first');
      for (const each of [one, two]) {
        ledger.started(each, 'second');
        ledger.finished(each, 'second');
      }
      return ledger.tally([one, two], 'bot');
    };
    expect(again(true)).toMatchObject({ handled: 2, handledTwice: 0, handledAgain: 2, outOfOrder: 0 });
    expect(again(false)).toMatchObject({ handled: 2, handledTwice: 2, handledAgain: 0, outOfOrder: 1 });
  });

  it('counts messages with two stored answers', () => {
    const ledger = new Ledger();
    handle(ledger, one, two);
    const tally = ledger.tally([one, two, answer('x', one), answer('y', one), answer('z', two)], 'bot');
    expect(tally).toMatchObject({ replies: 3, answeredTwice: 1 });
    expect(isClean(tally)).toBe(false);
  });
});

describe('what the demo shows', () => {
  const counters = {
    gapsOpened: 5,
    gapsClosedByThemselves: 1,
    gapsFilled: 4,
    holes: undefined,
    reconnects: 2,
    drainedRows: 30,
  };
  const clean = {
    sent: 9,
    handled: 9,
    replies: 9,
    lost: 0,
    handledTwice: 0,
    handledAgain: 0,
    outOfOrder: 0,
    answeredTwice: 0,
  };

  it('is a table with a row for each count', () => {
    const text = table('some client', { tally: clean, counters, seconds: 12.34, stopped: false }).join('\n');
    for (const row of [
      /sent +9/,
      /handled +9/,
      /replies +9/,
      /lost +0$/m,
      /handled twice +0$/m,
      /out of order +0$/m,
      /answered twice +0$/m,
      /gaps opened \/ filled \/ holes +5 \/ 4 \/ not told/,
      /reconnects +2/,
      /drained rows +30/,
      /seconds +12\.3/,
    ]) {
      expect(text).toMatch(row);
    }
    const lossy = { tally: { ...clean, lost: 3 }, counters, seconds: 1, stopped: false };
    expect(table('some client', lossy).join('\n')).toMatch(/lost +3 +<-- must be 0/);
    expect(table('some client', { ...lossy, stopped: true }).join('\n')).toMatch(/not handled yet +3\n/);
  });

  it('says of replicas what was done to them, and marks two at one conversation', () => {
    const report = {
      ...{ kills: 2, stops: 3, restarts: 1, storeRestarts: 1 },
      ...{ takeOversMs: [900, 2_340], twoAtOnce: 0 },
    };
    const outcome = { tally: { ...clean, handledAgain: 4 }, counters, report, seconds: 20, stopped: false };
    const text = table('three', outcome).join('\n');
    expect(text).toMatch(/two at one conversation +0$/m);
    expect(text).toMatch(/handled again after a loss +4$/m);
    expect(text).toMatch(/killed \/ stopped \/ restarted +2 \/ 3 \/ 1$/m);
    expect(text).toMatch(/take-overs after a kill +2, the longest 2\.3 s$/m);
    expect(isKept(outcome.tally, report)).toBe(true);
    const broken = { ...outcome, report: { ...report, twoAtOnce: 1 } };
    expect(table('three', broken).join('\n')).toMatch(/two at one conversation +1 +<-- must be 0/);
    expect(isKept(broken.tally, broken.report)).toBe(false);
  });

  it('says of a brain how it was asked, and what it did instead of replying', () => {
    const brain = { asked: 12, refused: 2, brokenOff: 1, late: 3 };
    const outcome = { tally: clean, counters, brain, seconds: 20, stopped: false };
    const text = table('a bot', outcome).join('\n');
    expect(text).toMatch(/brain asked +12$/m);
    expect(text).toMatch(/refused \/ broken off \/ late +2 \/ 1 \/ 3$/m);
  });

  it('moves in one line on a terminal, and is plain lines elsewhere', () => {
    const moment = { sent: 5, handled: 3, target: 10, state: 'connected' };
    const show = (isTTY: boolean) => {
      let text = '';
      const progress = new Progress({ isTTY, columns: 60, write: (part) => (text += part) }, () => moment);
      progress.start();
      progress.news('something happened');
      progress.stop();
      progress.stop();
      return text;
    };
    expect(show(false)).toMatch(
      /^ +0\.\d s {2}something happened\n +0\.\d s {2}connected {2}sent 5 {2}handled 3 of 10\n$/,
    );
    const live = show(true);
    expect(live.split('\n')).toHaveLength(3);
    for (const line of live.split(/[\r\n]/)) expect(line.replace('\u001b[K', '').length).toBeLessThan(60);
  });
});

describe('the burst', () => {
  it('is shared among the senders without a rest', () => {
    const shares = Array.from({ length: 7 }, (_, place) => shareOf(30, 7, place));
    expect(shares).toEqual([5, 5, 4, 4, 4, 4, 4]);
    expect(shareOf(2, 7, 3)).toBe(0);
  });

  it('meets half-open connections only in harsh, and ends with the bot let in', () => {
    const news = (level: 'off' | 'mild' | 'harsh') => planOf(level).strikes.map((strike) => strike.news);
    expect(news('off')).toEqual([]);
    expect(news('mild').some((text) => text.includes('half-open'))).toBe(false);
    expect(news('harsh').some((text) => text.includes('half-open'))).toBe(true);
    for (const level of ['mild', 'harsh'] as const) {
      expect(news(level).indexOf('the bot is let in again')).toBeGreaterThan(
        news(level).indexOf('the bot is shut out'),
      );
      expect(news(level).filter((text) => text.startsWith('the server goes down'))).toHaveLength(1);
    }
  });
});
