// `npm run first-bot`: the first minutes of somebody who has nothing yet, with a stopwatch. Packs what was built, goes to an empty
// folder, and does what the README says: `npx agentchat init`, `npm install`, `npm run dev`, until the bot answers. Fails when that
// takes longer than a minute. Needs `npm run build` first.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNpm } from './install.mjs';

const MOST_SECONDS = 60;

const root = fileURLToPath(new URL('..', import.meta.url));
const { name, version, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
for (const file of Object.values(bin)) {
  if (existsSync(join(root, file))) continue;
  console.error(`not built: ${file}. Run npm run build first.`);
  process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), 'agentchat-first-bot-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
if (runNpm(['pack', '--ignore-scripts', '--pack-destination', work], root) !== 0) process.exit(1);
const tarball = join(work, `${name}-${version}.tgz`);

// Nothing of whoever runs this: no account, and no service that runs already.
const {
  AGENTCHAT_API_KEY: _key,
  AGENTCHAT_BASE_URL: _base,
  AGENTCHAT_API_BASE: _api,
  ...others
} = process.env;
const env = { ...others, AGENTCHAT_HOME: join(work, 'home') };
const startedAt = performance.now();
const seconds = () => ((performance.now() - startedAt) / 1_000).toFixed(1);
let watch;

/** Runs npm or npx; resolves when it has ended, or when its output fits, and then leaves it running. */
function step(command, args, cwd, until) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let text = '';
  return new Promise((resolve, reject) => {
    const end = () => {
      try {
        process.kill(-child.pid, 'SIGTERM');
      } catch {
        // It has ended by itself.
      }
    };
    const fail = (why) => {
      end();
      reject(new Error(`${command} ${args.join(' ')} ${why}:\n${text}`));
    };
    watch = setTimeout(
      () => fail(`took too long (${seconds()} s)`),
      MOST_SECONDS * 1_000 - (performance.now() - startedAt),
    );
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        if (until?.test(text)) {
          clearTimeout(watch);
          resolve(end);
        }
      });
    }
    child.once('error', ({ message }) => fail(message));
    child.once('exit', (code) => {
      clearTimeout(watch);
      if (code !== 0 || until !== undefined) fail(`ended with ${code}`);
      else resolve(end);
    });
  });
}

try {
  await step('npx', ['--yes', '--package', tarball, 'agentchat', 'init', 'my-bot'], work);
  console.log(`${seconds()} s  npx agentchat init my-bot`);
  const project = join(work, 'my-bot');
  await step('npm', ['install', '--no-audit', '--no-fund', tarball], project);
  console.log(`${seconds()} s  npm install`);
  const end = await step('npm', ['run', 'dev'], project, /bot: You said: Hello, bot!/);
  console.log(`${seconds()} s  npm run dev: the bot has answered`);
  end();
  console.log('ok      a first bot answers within a minute, without an account and without a question');
} catch (error) {
  console.error(`FAILED  ${error.message}`);
  process.exitCode = 1;
}
