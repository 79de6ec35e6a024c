// An always-on bot: answers every message exactly once, whatever happens to the connection or to this process.
//
//   AGENTCHAT_API_KEY=ac_live_... npx tsx examples/always-on-bot.ts
import { pathToFileURL } from 'node:url';
import {
  AgentChatClient,
  type Message,
  RealtimeClient,
  type RealtimeOptions,
  replyId,
} from 'agentchat-client';

export interface BotOptions {
  /** Which agent this is, and where; left out, the environment says it. */
  account?: { apiKey: string; baseUrl: string };
  /** Anything about the connection that should differ from the defaults. */
  tuning?: RealtimeOptions;
  /** For whoever wants to watch: called before and after each answer, and with what went wrong (else it is printed). */
  onStarted?(message: Message): void;
  onFinished?(message: Message): void;
  onTrouble?(text: string): void;
}

/** Begins to connect, and answers until the returned client is told to `disconnect()`. */
export function startBot(options: BotOptions = {}): RealtimeClient {
  const client = new AgentChatClient(options.account);
  const realtime = new RealtimeClient({ ...options.tuning, client });

  realtime.on('message.new', async ({ payload: message }, { signal }) => {
    // The service's own news, such as who joined a group: nobody is there to be answered.
    if (message.type === 'system') return;
    options.onStarted?.(message);
    const group = message.conversation_id.startsWith('grp_');
    await client.sendMessage(
      {
        ...(group ? { conversation_id: message.conversation_id } : { to: message.sender }),
        content: `You said: ${message.content.text ?? `something of type ${message.type}`}`,
        metadata: { reply_to: message.id },
        // Derived from the message: should this run twice, the service keeps one answer.
        client_msg_id: replyId(message),
      },
      { signal },
    );
    options.onFinished?.(message);
  });

  realtime.onError(({ message }) => (options.onTrouble ?? console.error)(message));
  void realtime.connect();
  return realtime;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const bot = startBot();
  bot.onConnect(() => console.log('connected; Ctrl-C stops'));
  // Ten seconds is what many supervisors give a process to stop.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => bot.disconnect({ deadlineMs: 8_000 }));
  }
  // Throws when it is over for good, such as after a refused key: the process ends with 1, not as if it had been stopped.
  await bot.closed;
}
