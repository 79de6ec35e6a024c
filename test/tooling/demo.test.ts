import type { Message } from 'agentchat-client';
import { afterEach, describe, expect, it } from 'vitest';
import { planOf } from '../../demo/faults.js';
import { isClean, Ledger } from '../../demo/ledger.js';
import { parseOptions } from '../../demo/options.js';
import { Progress } from '../../demo/progress.js';
import { shareOf } from '../../demo/senders.js';
import { table } from '../../demo/table.js';
import { endPrograms, run } from '../readme/program.js';

describe('the options of the demo', () => {
  const parse = (line: string) => parseOptions(line.split(' ').filter((word) => word !== ''));

  it('have defaults, and take values with a space or an equals sign', () => {
    expect(parse('')).toEqual({
      kind: 'run',
      options: { conversations: 20, messages: 2_000, seed: 1, faults: 'mild', client: 'agentchat-client' },
    });
    expect(parse('--conversations 3 --messages=40 --seed 0 --faults harsh --client=agentchatme')).toEqual({
      kind: 'run',
      options: { conversations: 3, messages: 40, seed: 0, faults: 'harsh', client: 'agentchatme' },
    });
    expect(parse('--bot --messages 7')).toMatchObject({ options: { client: 'bot', messages: 7 } });
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
