import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Cli, jsonLines, type Running } from './kit.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

// Each command is a process, and some tests take ten of them.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let cli: Cli;
let running: Running[];
beforeAll(async () => {
  cli = await Cli.make();
  running = [];
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()));
});
afterAll(() => cli.close());

interface Presented {
  readonly url: string;
  readonly port: number;
  readonly agents: readonly { readonly handle: string; readonly apiKey: string }[];
  readonly env: Record<string, string>;
}

async function dev(words: string[] = [], until = /Ready/): Promise<Running & { presented(): Presented }> {
  const started = cli.start(['dev', '--port', '0', '--json', ...words]);
  running.push(started);
  await started.says(until);
  return { ...started, presented: () => jsonLines<Presented>(started.stdout())[0] as Presented };
}

describe('agentchat dev', () => {
  it('tells its address, two agents and what to paste; others find it, until it ends at Ctrl-C', async () => {
    const service = await dev();
    const { url, port, agents, env } = service.presented();
    expect(agents.map(({ handle }) => handle)).toEqual(['alice', 'bot']);
    expect(env).toEqual({ AGENTCHAT_BASE_URL: url, AGENTCHAT_API_KEY: agents[1]?.apiKey });
    const file = join(cli.home, `local-${port}.json`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await cli.run(['whoami'], { env })).stdout).toContain('bot (active)');
    expect(await cli.run(['send', 'bot', 'hello', '--as', '@Alice'])).toMatchObject({ code: 0 });
    expect((await cli.run(['tail', '--as', 'bot', '--backlog'])).stdout).toContain('alice: hello');
    expect(await cli.run(['whoami', '--as', 'carol'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('It was started with: alice, bot.'),
    });
    expect((await service.stop()).code).toBe(0);
    expect(await readdir(cli.home)).not.toContain(`local-${port}.json`);
  });

  it('keeps everything with --data, keys as well, also when it is killed; a second one on the folder is told so', async () => {
    const folder = join(cli.home, 'data');
    const first = await dev(['--data', folder]);
    const { agents } = first.presented();
    expect(await cli.run(['send', 'bot', 'hello', '--as', 'alice'])).toMatchObject({ code: 0 });
    const second = await cli.run(['dev', '--port', '0', '--data', folder]);
    expect(second.code).not.toBe(0);
    expect(second.stderr).toContain('is open in another process');
    await first.stop('SIGKILL');
    const again = await dev(['--data', folder]);
    expect(again.presented().agents).toEqual(agents);
    expect((await cli.run(['tail', '--as', 'bot', '--backlog'])).stdout).toContain('alice: hello');
  });

  it('runs a program as the last agent, greets it, and ends it', async () => {
    const service = await dev(
      ['--agents', 'ann,helper', '--say', 'hello helper', '--', process.execPath, cli.program, 'tail'],
      /helper is .*connected/,
    );
    await service.says(/ann: hello helper/);
    const { code } = await service.stop();
    expect(code).toBe(0);
  });

  it('on a terminal says what is typed', async () => {
    const service = cli.onTerminal(['dev', '--port', '0', '--', process.execPath, cli.program, 'tail']);
    running.push(service);
    await service.says(/Type a line/);
    service.type('typed by hand\r');
    await service.says(/#1.*alice.*: typed by hand/);
    service.type('\u0003');
    expect((await service.ended).code).toBe(0);
  });

  it('ends with its program, and says how that ended', async () => {
    const service = cli.start(['dev', '--port', '0', '--', process.execPath, '-e', 'process.exit(3)']);
    const { code, stderr } = await service.ended;
    expect([code, stderr]).toEqual([1, expect.stringMatching(/ended with 3\.\n$/)]);
  });

  it('leaves no program behind, also when a second Ctrl-C ends it', async () => {
    const stubborn = `process.on('SIGTERM', () => console.log('asked')); console.log('here'); setInterval(() => {}, 1e6)`;
    const service = cli.start(['dev', '--port', '0', '--', process.execPath, '-e', stubborn]);
    await service.says(/^here$/m);
    void service.stop();
    await service.says(/^asked$/m);
    // It writes where the program writes too: this would not end before that does.
    expect((await service.stop()).code).toBe(130);
  });

  it('does not take a port that somebody else has', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    const { code, stderr } = await cli.run(['dev', '--port', String(port)]);
    expect([code, stderr]).toEqual([1, expect.stringContaining(`Port ${port} is taken.`)]);
    await new Promise((resolve) => other.close(resolve));
  });

  it('that was killed is not found any more', async () => {
    const service = await dev();
    await service.stop('SIGKILL');
    expect(await cli.run(['chaos', 'show'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('No local service runs.'),
    });
  });

  it('begins with faults', async () => {
    await dev(['--faults', 'mild,dropFrames=0.5', '--limits', 'documented']);
    const { rates } = jsonLines<{ rates: Record<string, { rate: number }> }>(
      (await cli.run(['chaos', 'show', '--json'])).stdout,
    )[0] as { rates: Record<string, { rate: number }> };
    expect([rates.dropFrames?.rate, rates.restCut?.rate]).toEqual([0.5, 0.01]);
  });
});

describe('agentchat chaos and trigger on a running service', () => {
  it('does what it says', async () => {
    await dev();
    const chaos = async (...words: string[]) => {
      const { code, stdout, stderr } = await cli.run(['chaos', ...words]);
      expect([code, stderr]).toEqual([0, '']);
      return stdout;
    };
    expect(await chaos('show')).toBe('No faults are on.\n');
    expect(await chaos('set', 'restUnavailable=1', '--only', 'bot')).toContain(
      'restUnavailable 1 (bot only)',
    );
    expect(await cli.run(['whoami', '--as', 'bot'])).toMatchObject({ code: 4 });
    expect(await chaos('shut-out', 'alice', '--rest')).toBe('done\n');
    expect(await cli.run(['whoami', '--as', 'alice'])).toMatchObject({ code: 4 });
    expect(await chaos('show')).toContain('Shut out: alice');
    await chaos('let-in', 'alice');
    await chaos('clear');
    expect((await cli.run(['whoami', '--as', 'alice'])).code).toBe(0);
    const tail = cli.start(['tail', '--as', 'bot']);
    running.push(tail);
    await tail.says(/Ready/);
    expect(await chaos('cut', 'bot')).toBe('1 connection struck\n');
    await tail.says(/connection lost/);
    await tail.says(/Ready[\s\S]*Ready/);
    await chaos('restart');
    await tail.says(/1012/);
    await tail.says(/Ready[\s\S]*Ready[\s\S]*Ready/);
    expect(await cli.run(['trigger', 'message.new', '--for', 'bot'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('No active webhook of bot wants message.new.'),
    });
  });
});

describe('agentchat init', () => {
  it('makes three files, and overwrites none', async () => {
    const made = await cli.run(['init', 'My Bot!']);
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('npm run dev') });
    const folder = join(cli.home, 'My Bot!');
    expect((await readdir(folder)).sort()).toEqual(['README.md', 'bot.js', 'package.json']);
    expect(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))).toMatchObject({
      name: 'my-bot',
      type: 'module',
      dependencies: { 'agentchat-client': expect.any(String) },
    });
    await writeFile(join(folder, 'bot.js'), 'mine');
    expect(await cli.run(['init'], { cwd: folder })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('holds package.json and bot.js and README.md already'),
    });
    expect(await readFile(join(folder, 'bot.js'), 'utf8')).toBe('mine');
  });
});

describe('help', () => {
  it('loads no client, no server and no socket', async () => {
    const { metafile } = await build({
      entryPoints: { agentchat: join(root, 'src/cli/main.ts') },
      outdir: join(root, 'never-written'),
      bundle: true,
      splitting: true,
      write: false,
      metafile: true,
      platform: 'node',
      format: 'esm',
      target: 'es2022',
      external: ['ws', 'isomorphic-ws', 'lmdb'],
    });
    const loaded = new Set<string>();
    const visit = (file: string) => {
      if (loaded.has(file)) return;
      loaded.add(file);
      for (const { path, kind } of metafile.outputs[file]?.imports ?? []) {
        if (kind === 'import-statement') visit(path);
      }
    };
    visit(Object.keys(metafile.outputs).find((file) => file.endsWith('/agentchat.js')) ?? '');
    const inputs = [...loaded].flatMap((file) => Object.keys(metafile.outputs[file]?.inputs ?? {}));
    expect(inputs).toContainEqual(expect.stringContaining('src/cli/table.ts'));
    expect(inputs.filter((file) => /src\/(rest|realtime|local-server|webhooks)\//.test(file))).toEqual([]);
    expect([...loaded].filter((file) => /^(ws|isomorphic-ws)$/.test(file))).toEqual([]);
  });
});
