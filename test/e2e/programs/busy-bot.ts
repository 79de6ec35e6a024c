// A bot whose handlers work without ever waiting. Measures how much it works before its event loop gets a turn, and stops at
// SIGTERM.
import { AgentChatClient, RealtimeClient } from 'agentchat-client';

export interface BusyBotSetup {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** What the handling of one message takes, without a pause. */
  readonly workMs: number;
  readonly way: 'sync handler' | 'async handler that never waits' | 'loop over messages()';
}

export type BusyBotTold =
  | { readonly kind: 'connected' }
  | { readonly kind: 'handled'; readonly conversation: string; readonly seq: number }
  /** SIGTERM was heard, and `disconnect()` has begun. */
  | { readonly kind: 'stopping'; readonly at: number }
  | { readonly kind: 'stopped'; readonly handled: number; readonly longestStallMs: number };

const TICK_MS = 5;

const tell = (told: BusyBotTold) => process.send?.(told);
const { baseUrl, apiKey, workMs, way }: BusyBotSetup = JSON.parse(process.argv[2] ?? '{}');
const client = new AgentChatClient({ apiKey, baseUrl });
const realtime = new RealtimeClient({ client });
let handled = 0;
let longestStallMs = 0;

function work({ conversation_id: conversation, seq }: { conversation_id: string; seq: number }): void {
  const until = performance.now() + workMs;
  while (performance.now() < until);
  handled += 1;
  tell({ kind: 'handled', conversation, seq });
}

if (way === 'sync handler') realtime.on('message.new', ({ payload }) => work(payload));
else if (way === 'async handler that never waits')
  realtime.on('message.new', async ({ payload }) => work(payload));
else void loop();

async function loop(): Promise<void> {
  for await (const { payload } of realtime.messages()) work(payload);
}

/** Processor time, so that what other processes take of a busy machine does not look like a stall. */
function worked(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
}

// A chain of timers: whoever keeps the loop keeps it, too.
let turnedAt = 0;
let ticking = setTimeout(() => undefined);
function tick(): void {
  const now = worked();
  longestStallMs = Math.max(longestStallMs, now - turnedAt);
  turnedAt = now;
  ticking = setTimeout(tick, TICK_MS);
}

process.once('SIGTERM', async () => {
  const stopped = realtime.disconnect();
  tell({ kind: 'stopping', at: Date.now() });
  await stopped;
  clearTimeout(ticking);
  tell({ kind: 'stopped', handled, longestStallMs });
  process.disconnect?.();
});
process.on('message', () => process.exit());
await realtime.connect();
tell({ kind: 'connected' });
turnedAt = worked();
tick();
