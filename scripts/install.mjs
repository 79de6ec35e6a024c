// Installs the dependencies when they are missing or are not the ones in the lock file. Plain Node, no dependencies.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads a JSON file; `undefined` when it is absent or broken, which here both mean "not installed". */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * The packages of the lock file that `node_modules` lacks or holds in another version. npm leaves a copy of the lock
 * file in `node_modules` when an install is complete, so an install that was cut short counts as missing everything.
 * An optional package (a binary for another platform) may be absent.
 */
export function missingPackages(root) {
  const wanted = readJson(join(root, 'package-lock.json'))?.packages ?? {};
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages ?? {};
  return Object.entries(wanted)
    .filter(([path, entry]) => {
      if (path === '' || entry.link === true) return false;
      const found = installed[path];
      if (found === undefined) return entry.optional !== true && entry.devOptional !== true;
      return found.version !== entry.version || !existsSync(join(root, path));
    })
    .map(([path]) => path);
}

/** The command that runs npm: the npm that called us when there is one, else the one on the PATH. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) return [process.execPath, cli];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

/** Runs npm in `cwd` with its chatter cut to errors and one line of summary; the exit code is npm's. */
export function runNpm(args, cwd) {
  const [command, ...first] = npmCommand();
  const { status, error } = spawnSync(
    command,
    [...first, ...args, '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'],
    { cwd, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32' },
  );
  if (error !== undefined) {
    console.error(
      `npm could not be started (${error.message}). Install Node.js 20 or newer together with npm.`,
    );
    return 1;
  }
  return status ?? 1;
}

/** Makes `node_modules` match the lock file. Does nothing, in a few milliseconds, when it already does. */
export function installMissing(root) {
  const missing = missingPackages(root);
  if (missing.length === 0) return;
  console.log(`Installing dependencies (npm ci; ${missing.length} missing or outdated) ...`);
  // The development dependencies are needed here, whatever NODE_ENV says.
  const status = runNpm(['ci', '--include=dev'], root);
  if (status !== 0) {
    console.error('The dependencies could not be installed; see the message of npm above.');
    process.exit(status);
  }
}
