import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BotWorld, until } from './bot-world.js';

let world: BotWorld;
let path: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  world = await BotWorld.open();
  path = await mkdtemp(join(tmpdir(), 'bot-process-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await world.close();
  await rm(path, { recursive: true, force: true });
});

/** The bot, and what it has said. */
function start(delayMs: number, deadlineMs: number, apiKey = world.keyOf('worker')) {
  const given = [world.server.url, apiKey, path, String(delayMs), String(deadlineMs)];
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/bot/process.ts', ...given], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => lines.push(String(data)));
  return { child, lines, exit: once(child, 'exit') };
}

describe('run() in a process', () => {
  it('SIGTERM in the middle of a turn: the turn ends, and the process with 0', async () => {
    const alice = world.peer('alice');
    const { child, exit, lines } = start(300, 5_000);
    await alice.say('worker', 'one');
    await until('a turn', () => lines.join('').includes('replied one'), 30_000);
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
    expect(alice.said('worker')).toEqual(['working on one', 'done with one']);
    expect(world.server.undelivered('worker')).toEqual([]);
  }, 60_000);

  it('SIGTERM, and the turn takes longer than the deadline: 0 all the same; the next process ends the turn, and nothing is doubled', async () => {
    const alice = world.peer('alice');
    const first = start(60_000, 100);
    await alice.say('worker', 'one');
    await until('a turn', () => first.lines.join('').includes('replied one'), 30_000);
    first.child.kill('SIGTERM');
    expect(await first.exit).toEqual([0, null]);
    const second = start(0, 100);
    await until('the end', () => alice.said('worker').length === 2, 30_000);
    second.child.kill('SIGINT');
    expect(await second.exit).toEqual([0, null]);
    expect(alice.said('worker')).toEqual(['working on one', 'done with one']);
  }, 90_000);

  it('a second signal ends it at once, with 143', async () => {
    const alice = world.peer('alice');
    const { child, exit, lines } = start(60_000, 60_000);
    await alice.say('worker', 'one');
    await until('a turn', () => lines.join('').includes('replied one'), 30_000);
    child.kill('SIGTERM');
    await until('it is leaving', () => {
      child.kill('SIGTERM');
      return child.exitCode !== null;
    });
    expect(await exit).toEqual([143, null]);
  }, 60_000);

  it('a key that is refused ends it with 1', async () => {
    const { exit, lines } = start(0, 100, 'ac_live_nobodys_key_nobodys_key');
    expect(await exit).toEqual([1, null]);
    expect(lines.join('')).toContain('UNAUTHORIZED');
    expect(lines.join('')).not.toContain('nobodys_key');
  }, 60_000);
});
