import type {
  AgentChatClient,
  ConnectHandler,
  DisconnectHandler,
  ErrorHandler,
  GroupSystemEventV1,
  Message,
  MessageHandler,
  RealtimeOptions,
  SequenceGapHandler,
  SequenceGapInfo,
  ServerEvent,
  WsMessage,
} from 'agentchatme';
import { ConnectionError, RealtimeClient, renderMessageContext } from 'agentchatme';

const onSequenceGap: SequenceGapHandler = (gap) =>
  console.log(gap.conversationId, gap.expectedSeq, gap.bufferedSeq);

export function open(apiKey: string, client: AgentChatClient): RealtimeClient {
  const options: RealtimeOptions = {
    apiKey,
    client,
    reconnect: true,
    reconnectInterval: 500,
    maxReconnectInterval: 30_000,
    maxReconnectAttempts: Number.POSITIVE_INFINITY,
    autoDrainOnConnect: false,
    dedupCacheSize: 2_048,
    webSocket: globalThis.WebSocket,
    clientIdentity: { name: 'coding_agents' },
    onSequenceGap,
  };
  return new RealtimeClient(options);
}

/** One handler for whatever comes, as programs that log or forward have it. */
export function forward(realtime: RealtimeClient, post: (body: string) => Promise<void>): (() => void)[] {
  const all = (message: WsMessage) => {
    void post(JSON.stringify(message));
  };
  const later = async (message: WsMessage): Promise<void> => {
    await post(`${message.type} ${message.id ?? '-'} ${JSON.stringify(message.payload)}`);
  };
  const typed: MessageHandler = async ({ type, payload }) =>
    post(`${type} ${String(payload.conversation_id)}`);
  function declared(message: WsMessage): void {
    console.log(message.payload.handle);
  }
  const events: ServerEvent[] = [
    'message.new',
    'message.read',
    'presence.update',
    'typing.start',
    'typing.stop',
  ];
  const names: string[] = [...events, 'agent.renamed'];
  return [
    ...events.map((event) => realtime.on(event, all)),
    ...names.map((name) => realtime.on(name, typed)),
    realtime.on('message.new', all),
    realtime.on('message.new', later),
    realtime.on('message.new', typed),
    realtime.on('message.new', declared),
    realtime.on('message.new', (message: WsMessage) => void post(String(message.payload.id))),
    realtime.on('message.new', async (message: WsMessage) => post(String(message.payload.id))),
    realtime.on('message.read', typed),
    realtime.on('message.read', all),
    realtime.on('presence.update', later),
    realtime.on('presence.update', (event) => console.log(event.payload.handle, event.payload.status)),
    realtime.on('typing.start', declared),
    realtime.on('typing.stop', typed),
    realtime.on('rate_limit.warning', all),
    realtime.on('group.invite.received', typed),
    realtime.on('group.deleted', later),
    realtime.on('agent.renamed', all),
    realtime.on('agent.renamed', (event) => console.log(event.payload.new_handle, event.id)),
    realtime.on(names[0] ?? '', (event) => console.log(event.type, event.payload.handle)),
  ];
}

/** What an event carries, read as the official types make one read it. */
export function read(realtime: RealtimeClient): void {
  realtime.on('message.new', (event) => {
    const fields: Record<string, unknown> = event.payload;
    const message = event.payload as unknown as Message;
    const cast = event.payload as Record<string, unknown>;
    const frame: WsMessage = event;
    const id: string | undefined = event.id;
    console.log(
      fields.seq,
      message.seq,
      cast['some_new_field'],
      frame.type,
      id,
      event.payload['some_new_field'],
    );
    const text = (event.payload.content as { text?: string }).text;
    const sender = event.payload.sender as string;
    const conversation = event.payload['conversation_id'] as string;
    console.log(text, sender, conversation);
    if (message.type === 'system') systemNews(message.content.data as unknown as GroupSystemEventV1);
    const { payload } = event as { payload: Record<string, unknown> };
    console.log(Object.keys(payload));
  });
  realtime.on('message.read', (event) => {
    const { conversation_id, through_seq } = event.payload as {
      conversation_id: string;
      through_seq: number;
    };
    console.log(conversation_id, through_seq);
  });
  realtime.on('typing.start', async (event) => {
    const payload = event.payload as { conversation_id?: string };
    await Promise.resolve(payload.conversation_id);
  });
  realtime.on('group.deleted', (event) => {
    const fields = event.payload as Record<string, unknown>;
    console.log(fields.group_id, event.payload['reason']);
  });
  realtime.on('rate_limit.warning', ({ payload }) => console.warn(payload));
}

function systemNews(news: GroupSystemEventV1): string {
  switch (news.event) {
    case 'member_joined':
    case 'member_left':
      return news.agent_handle;
    case 'admin_promoted':
      return news.actor_handle ?? 'nobody';
    case 'name_changed':
      return news.new_name;
    default:
      return news.actor_handle;
  }
}

export function watch(realtime: RealtimeClient): () => void {
  const onConnect: ConnectHandler = () => console.log('connected');
  const onDisconnect: DisconnectHandler = ({ code, reason, wasClean }) => console.log(code, reason, wasClean);
  const onError: ErrorHandler = (error) => {
    if (error instanceof ConnectionError && error.message.includes('terminal code')) process.exitCode = 1;
  };
  const offs = [
    realtime.onConnect(onConnect),
    realtime.onDisconnect(onDisconnect),
    realtime.onError(onError),
  ];
  realtime.onError((error: Error) => console.error(error.message));
  return () => {
    for (const off of offs) off();
  };
}

export async function talk(realtime: RealtimeClient): Promise<void> {
  await realtime.connect();
  realtime.sendTypingStart('conv_1');
  realtime.sendTypingStop('conv_1');
  realtime.sendReadAck('conv_1', 12);
  realtime.send({ type: 'presence.update', payload: { status: 'busy' } });
  const frame: WsMessage = { type: 'typing.start', payload: { conversation_id: 'conv_1' }, id: 'f1' };
  realtime.send(frame);
  if (realtime.isConnected) await realtime.drainOfflineEnvelopes();
  realtime.disconnect();
}

/** A gap in words, every reason named. */
export function gapInWords({ reason, recovered, gapMs }: SequenceGapInfo): string {
  const words: Record<SequenceGapInfo['reason'], string> = {
    gap_filled: 'filled',
    gap_fill_failed: 'failed',
    gap_fill_unavailable: 'nobody to ask',
    buffer_overflow: 'too many',
  };
  return `${words[reason]} after ${gapMs} ms${recovered ? '' : ', lost'}`;
}

export function prompt(realtime: RealtimeClient, ask: (text: string) => Promise<string>): void {
  realtime.on('message.new', async (event) => {
    const message = event.payload as unknown as Message;
    console.log(await ask(renderMessageContext(message, { selfHandle: 'harvester', now: Date.now() })));
  });
}
