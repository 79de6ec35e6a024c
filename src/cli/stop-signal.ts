/** The exit code that a shell gives for a process which Ctrl-C has ended. */
const INTERRUPTED = 130;

/**
 * Resolves at the first Ctrl-C or SIGTERM, for commands that run until they are stopped. A second one ends the process at once,
 * whatever it is doing.
 */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(INTERRUPTED);
      stop.abort();
    });
  }
  return stop.signal;
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
