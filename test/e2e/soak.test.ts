import { afterEach, describe, expect, it } from 'vitest';
import { endPrograms, runProgram } from '../readme/program.js';

const SOAK = 'bench/soak/main.ts';

/** The command as one runs it, shorter and with fewer messages. */
describe('the soak', () => {
  afterEach(endPrograms);

  it('ORD-1 ACK-1 STOP-1 finds every promise kept while everything goes wrong', async () => {
    const line = '--minutes 0.2 --rate 50 --conversations 100 --seed 3';
    const soak = runProgram(SOAK, line.split(' '));
    const code = await soak.exit;
    expect(soak.output()).toMatch(/^Every promise was kept\.$/m);
    expect(soak.output()).toMatch(/^0:1\d {2}connected · .* of .* handled · .* cuts/m);
    expect(soak.output().match(/^kept /gm)).toHaveLength(7);
    expect(code).toBe(0);
  }, 180_000);

  it('ends both processes at Ctrl-C', async () => {
    const soak = runProgram(SOAK, ['--minutes', '5', '--rate', '50']);
    const [, bot, service] = await soak.says(
      /\(process (\d+)\) is connected to the service \(process (\d+)\)/,
    );
    expect(await soak.stop('SIGINT')).toBe(130);
    expect(soak.output()).toMatch(/^Interrupted: nothing is judged\.$/m);
    for (const pid of [bot, service]) expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  }, 60_000);

  it('gives a bad option a usage line and exit code 2, no stack', async () => {
    const soak = runProgram(SOAK, ['--minutes', 'ten']);
    expect(await soak.exit).toBe(2);
    const lines = soak.output().trimEnd().split('\n');
    expect(lines[0]).toBe('--minutes takes a number from 0.1 to 1440, not "ten"');
    expect(lines[1]).toMatch(/^usage: npm run soak -- /);
    expect(lines).toHaveLength(2);
  });
});
