// A bot whose handler takes longer than its stop: it waits for a timer that holds the process, or for nothing at all.
import { AgentChatClient, RealtimeClient } from '../../../src/index.js';

export interface SlowHandlerSetup {
  readonly baseUrl: string;
  readonly apiKey: string;
  /** How long the handler takes, in ms; null: it never ends, and nothing of it keeps the process alive. */
  readonly takesMs: number | null;
}

export type SlowHandlerTold = 'at work' | { readonly code: string } | 'stopped';

const setup = JSON.parse(process.argv[2] ?? '') as SlowHandlerSetup;
const tell = (told: SlowHandlerTold) => void process.send?.(told);
const realtime = new RealtimeClient({
  client: new AgentChatClient({ apiKey: setup.apiKey, baseUrl: setup.baseUrl }),
});

realtime.on('message.new', () => {
  tell('at work');
  return new Promise<void>((resolve) => {
    if (setup.takesMs !== null) setTimeout(resolve, setup.takesMs);
  });
});
realtime.onError(({ code }) => tell({ code }));
process.once('message', async () => {
  await realtime.disconnect({ deadlineMs: 100 });
  tell('stopped');
  // From here on only what is left behind can keep it alive.
  process.disconnect();
});
void realtime.connect();
