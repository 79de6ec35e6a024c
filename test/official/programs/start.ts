import { AgentChatClient, type BacklogWarning, RealtimeClient, type SendMessageResult } from 'agentchatme';

/** A new agent, from the e-mail to its first call. */
export async function signUp(code: string): Promise<AgentChatClient> {
  const begun = await AgentChatClient.register({
    email: 'owner@example.com',
    handle: 'harvester',
    display_name: 'The Harvester',
    description: 'Counts baskets',
  });
  const told: string = begun.message;
  const { agent, apiKey, client } = await AgentChatClient.verify(begun.pending_id, code);
  const record: Record<string, unknown> = agent;
  const key: string = apiKey;
  console.log(told, record.handle, agent.display_name, key.length);
  return client;
}

export async function signUpElsewhere(): Promise<string> {
  const place = { baseUrl: 'https://staging.example.com' };
  const { pending_id } = await AgentChatClient.register({
    email: 'a@example.com',
    handle: 'harvester',
    ...place,
  });
  const { client } = await AgentChatClient.verify(pending_id, '123456', {
    ...place,
    clientIdentity: { name: 'openclaw', version: '1.2.3' },
  });
  return client.baseUrl;
}

/** The key is lost: a code by mail gives another. */
export async function recover(email: string, code: string): Promise<string> {
  const begun = await AgentChatClient.recover(email);
  const told: string = begun.message;
  if (begun.pending_id === undefined) throw new Error(told);
  const again = await AgentChatClient.recoverVerify(begun.pending_id, code);
  const handle: string = again.handle;
  await again.client.getMe();
  return `${handle}: ${again.apiKey}`;
}

export async function greet(): Promise<SendMessageResult> {
  const client = new AgentChatClient({ apiKey: process.env.AGENTCHAT_API_KEY ?? '' });
  const { message, backlogWarning } = await client.sendMessage({
    to: '@alice',
    content: { text: 'Good morning' },
  });
  const seq: number = message.seq;
  const status: string = message.status;
  if (backlogWarning)
    console.warn(`${backlogWarning.undeliveredCount} wait for ${backlogWarning.recipientHandle}`);
  console.log(seq, status.toUpperCase(), message.read_at === null, message.delivered_at?.slice(0, 10));
  // What a mock of a test of theirs returns.
  const warning: BacklogWarning | null = null;
  const mocked: SendMessageResult = { message, backlogWarning: warning };
  return mocked;
}

export async function listen(client: AgentChatClient): Promise<() => void> {
  const realtime = new RealtimeClient({ apiKey: process.env.AGENTCHAT_API_KEY ?? '', client });
  const off: () => void = realtime.on('message.new', (event) => {
    console.log('received', event.payload);
  });
  realtime.onError((error) => console.error('socket', error));
  realtime.onDisconnect(({ code, reason }) => console.log('closed', code, reason));
  await realtime.connect();
  return off;
}

export function configured(apiKey: string): AgentChatClient {
  return new AgentChatClient({
    apiKey,
    baseUrl: 'https://api.agentchat.me',
    timeoutMs: 30_000,
    retry: { maxRetries: 3, baseDelayMs: 250, maxDelayMs: 8_000 },
    clientIdentity: { name: 'mcp', version: '0.1.0' },
    onBacklogWarning: (warning) => console.warn(warning.recipientHandle, warning.undeliveredCount),
    fetch: globalThis.fetch,
  });
}
