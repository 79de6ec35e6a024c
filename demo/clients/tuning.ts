/** What a minute cannot wait for. Everything else is as a user gets it. */
export const TUNING = {
  // Finds a lost last message; by default every 60 s.
  reconcileIntervalMs: 2_000,
  // Notices a half-open connection; by default after 15 s of silence.
  pingAfterMs: 1_000,
  // The connection is cut far more often than any real one; by default 500 ms to 30 s.
  reconnectInterval: 100,
  maxReconnectInterval: 1_000,
};

/** Settings as they are told before a run. */
export function told(settings: Readonly<Record<string, number | boolean>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}
