// A bot in a process of its own. Tells what happens to it, and its counters when it is asked for them.
import { AgentChatClient, type Counters, RealtimeClient, type RealtimeOptions } from 'agentchat-client';

export interface BotSetup {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly options: RealtimeOptions;
}

export type BotTold =
  | { readonly kind: 'state'; readonly state: string }
  | { readonly kind: 'handled'; readonly conversation: string; readonly seq: number }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'counters'; readonly counters: Counters };

const tell = (told: BotTold) => process.send?.(told);
const { baseUrl, apiKey, options }: BotSetup = JSON.parse(process.argv[2] ?? '{}');
const client = new AgentChatClient({ apiKey, baseUrl });
const realtime = new RealtimeClient({ apiKey, baseUrl, client, ...options });
realtime.on('message.new', ({ payload: { conversation_id: conversation, seq } }) =>
  tell({ kind: 'handled', conversation, seq }),
);
realtime.onStateChange((state) => tell({ kind: 'state', state }));
realtime.onError(({ message }) => tell({ kind: 'error', message }));
// Whoever started it has gone.
process.on('disconnect', () => process.exit());
process.on('message', () => tell({ kind: 'counters', counters: { ...realtime.counters } }));
void realtime.connect();
