import { describe, expect, it } from 'vitest';
import type { BotCount, MemorySample } from '../../bench/soak/bot.js';
import { Ledger } from '../../bench/soak/ledger.js';
import { growthOf } from '../../bench/soak/memory.js';
import { parseOptions } from '../../bench/soak/options.js';
import { type Findings, judge } from '../../bench/soak/promises.js';
import { added } from '../../bench/soak/resources.js';
import type { ServiceLook } from '../../bench/soak/service.js';
import { message } from '../realtime/catchup/engine-rig.js';

describe('the options of the soak', () => {
  const parse = (line: string) => parseOptions(line.split(' ').filter((word) => word !== ''));

  it('have defaults, and take values with a space or an equals sign', () => {
    const defaults = { minutes: 8, seed: 1, rate: 200, conversations: 2_000 };
    expect(parse('')).toEqual({ kind: 'run', options: defaults });
    const options = { minutes: 0.5, seed: 0, rate: 50, conversations: 3 };
    expect(parse('--minutes 0.5 --seed=0 --rate 50 --conversations=3')).toEqual({ kind: 'run', options });
    expect(parse('--help')).toEqual({ kind: 'help' });
  });

  it.each([
    ['--speed 3', 'there is no option --speed'],
    ['--__proto__ 3', 'there is no option --__proto__'],
    ['8', '"8" is not an option'],
    ['--seed', '--seed needs a value'],
    ['--seed=', '--seed needs a value'],
    ['--seed 1.5', '--seed takes a whole number from 0 to 4294967295, not "1.5"'],
    ['--minutes -5', '--minutes takes a number from 0.1 to 1440, not "-5"'],
    ['--rate 1e2', '--rate takes a whole number from 1 to 2000, not "1e2"'],
    ['--conversations 0', '--conversations takes a whole number from 1 to 20000, not "0"'],
  ])('refuse %s', (line, problem) => {
    expect(parse(line)).toEqual({ kind: 'wrong', problem });
  });
});

describe('the ledger of the soak', () => {
  it('names what is repeated, left out, or begun while another is at work', () => {
    const ledger = new Ledger();
    const handle = (seq: number) => {
      ledger.begin(message(seq, 'c'));
      ledger.end(message(seq, 'c'));
    };
    handle(1);
    handle(2);
    expect(ledger.faults).toEqual([]);
    handle(2);
    handle(4);
    ledger.begin(message(5, 'c'));
    ledger.begin(message(6, 'c'));
    expect(ledger.faults).toEqual([
      'seq 2 of c began after seq 2',
      'seq 4 of c began after seq 2',
      'seq 6 of c began while seq 5 was at work',
    ]);
  });
});

describe('the verdict of the soak', () => {
  const MIB = 1024 * 1024;
  const flat = Array.from({ length: 16 }, () => memory(20, 80));
  const settled = { stored: 3, undelivered: 0, connections: 1 } as ServiceLook;
  const totals = { held: 0, waiting: 0, missing: 0, parked: 0, pendingAcks: 0 };
  const bot = {
    through: { a: 2, b: 1 },
    handled: 3,
    latency: { p50: 1, p99: 9_999, max: 20_000 },
    faultCount: 0,
    faults: [] as string[],
    unrecovered: 0,
    explanation: { state: 'connected', heldBack: null, summary: 'Connected.', totals },
  } as unknown as BotCount;
  const clean: Findings = {
    bot,
    service: { settled, afterwards: { ...settled, connections: 0 } },
    stored: { a: 2, b: 1 },
    memory: flat,
    stop: { kind: 'stopped', left: {}, tookMs: 5 },
    exit: { code: 0, signal: null },
  };
  const broken = (findings: Partial<Findings>) =>
    judge({ ...clean, ...findings })
      .filter(({ kept }) => !kept)
      .map(({ promise, found }) => `${promise}: ${found}`);

  function memory(heapMiB: number, rssMiB: number): MemorySample {
    return { kind: 'memory', heapBytes: heapMiB * MIB, rssBytes: rssMiB * MIB };
  }

  it('is that all is well when it is', () => {
    expect(broken({})).toEqual([]);
  });

  it.each<[string, Partial<Findings>, RegExp]>([
    [
      'a lost message',
      { stored: { a: 3, b: 1 } },
      /once.*1 conversations unfinished \(a: handled to 2 of 3\)/,
    ],
    ['a conversation never seen', { stored: { a: 2, b: 1, c: 4 } }, /c: handled to 0 of 4/],
    ['a repeated one', { bot: { ...bot, faultCount: 1, faults: ['seq 2 of a'] } }, /1 calls out of order/],
    ['a gap given up', { bot: { ...bot, unrecovered: 2 } }, /2 gaps given up/],
    [
      'an ack that never came',
      { service: { ...clean.service, settled: { ...settled, undelivered: 7 } } },
      /acknowledged: 7/,
    ],
    ['latency', { bot: { ...bot, latency: { p50: 1, p99: 10_000, max: 1 } } }, /within 10 s.*p99 10,000 ms/],
    ['the heap', { memory: flat.map((_, at) => memory(20 + at, 80)) }, /heap.*: 8\.0 MiB/],
    ['the memory of the process', { memory: flat.map((_, at) => memory(20, 80 + 5 * at)) }, /: 40\.0 MiB/],
    [
      'what waits in the end',
      {
        bot: {
          ...bot,
          explanation: { ...bot.explanation, totals: { ...bot.explanation.totals, parked: 1 } },
        },
      },
      /explain\(\).*"Connected\."; 1 wait/,
    ],
    ['a timer that is left', { stop: { kind: 'stopped', left: { Timeout: 1 }, tookMs: 5 } }, /Timeout/],
    ['a stop without an end', { stop: null, exit: null }, /did not come to its end, the process did not end/],
    ['a process that crashes', { exit: { code: 1, signal: null } }, /exit 1/],
    [
      'a socket that is left',
      { service: { settled, afterwards: settled } },
      /nothing behind.*1 sockets open at the service/,
    ],
  ])('names %s', (_, findings, words) => {
    const [first = '', ...more] = broken(findings);
    expect(first).toMatch(words);
    expect(more).toEqual([]);
  });

  it('counts as left what has come since', () => {
    expect(added({ PipeWrap: 2, Timeout: 1 }, { PipeWrap: 2, Timeout: 2, TCPSocketWrap: 1 })).toEqual({
      Timeout: 1,
      TCPSocketWrap: 1,
    });
  });

  it('compares the last quarter of the memory with the second', () => {
    const samples = [9, 9, 1, 2, 5, 5, 6, 7].map((heap) => memory(heap, 0));
    expect(growthOf(samples)).toEqual({ heapBytes: 5 * MIB, rssBytes: 0 });
  });
});
