import { checkFunction, invalid } from '../../../http/index.js';
import { checkOptions, type SonzaiCallOptions } from '../call-options.js';
import type { SonzaiWire } from '../sonzai-wire.js';

/** Call options of a chat that runs to its end. */
export interface DetachedOptions extends SonzaiCallOptions {
  /** The caller's. The chat goes on when it fires: see `onAbort`. */
  signal?: AbortSignal | undefined;
  /** Told once that the signal has fired, with its reason. Default: a line on `console.error`. */
  onAbort?: ((reason: unknown) => void) | undefined;
  /** How long the chat may take in all, in milliseconds. Default 300,000; 0 or less: no limit. */
  hardCapMs?: number | undefined;
}

const DEFAULT_CAP_MS = 300_000;

/**
 * Runs a chat that its caller cannot call off. A person may be gone; what the agent would have remembered of the chat must not be lost
 * with the connection.
 *
 * @param work Gets the only signal that ends it: that of the hard cap.
 */
export async function detached<T>(
  wire: SonzaiWire,
  label: string,
  { signal, onAbort, hardCapMs = DEFAULT_CAP_MS, ...rest }: DetachedOptions,
  work: (options: SonzaiCallOptions) => Promise<T>,
): Promise<T> {
  checkOptions({ signal });
  checkFunction(onAbort, 'onAbort');
  if (typeof hardCapMs !== 'number' || Number.isNaN(hardCapMs)) {
    throw invalid('hardCapMs', '"hardCapMs" must be a number of milliseconds; 0 or less means no limit');
  }
  const cap = new AbortController();
  const isCapped = hardCapMs > 0 && Number.isFinite(hardCapMs);
  const timer = isCapped ? wire.clock.setTimer(() => cap.abort(), hardCapMs) : undefined;
  const report = (reason: unknown) => tellAborted(label, reason, onAbort);
  let stopListening: (() => void) | undefined;
  if (signal?.aborted === true) report(signal.reason);
  else if (signal != null) stopListening = wire.signals.listen(signal, report);
  try {
    return await work({ ...rest, signal: cap.signal });
  } catch (error) {
    if (!cap.signal.aborted) throw error;
    throw wire.error({
      kind: 'timeout',
      message: `${label}: the chat did not end within ${hardCapMs} ms ("hardCapMs"). Raise it, or use chatAsync.`,
      outcome: 'unknown',
    });
  } finally {
    if (timer !== undefined) wire.clock.clearTimer(timer);
    stopListening?.();
  }
}

function tellAborted(label: string, reason: unknown, onAbort: DetachedOptions['onAbort']): void {
  if (onAbort === undefined) {
    console.error(`agentchat-client: ${label} was called off by its caller, and goes on without one.`);
    return;
  }
  try {
    onAbort(reason);
  } catch {
    // An observer cannot disturb what it observes.
  }
}
