import { constants } from 'node:os';

/**
 * Makes this process a stand-in for `child`: signals go on to it, and its exit code (or 128 plus the number of the
 * signal that ended it) becomes ours.
 */
export function forward(child) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(error.message);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
