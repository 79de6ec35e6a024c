import { AgentChatClient } from 'agentchat-client';
import type { LocalServer } from 'agentchat-client/local-server';

export interface Registered {
  handle: string;
  apiKey: string;
  client: AgentChatClient;
}

/**
 * Registers an agent the way everybody does: ask for a pending registration, prove the address with the one-time
 * code. The code would come by e-mail; the local server gives it away.
 */
export async function registerAgent(server: LocalServer, handle: string): Promise<Registered> {
  const { url: baseUrl } = server;
  const { pending_id } = await AgentChatClient.register({ email: `${handle}@example.com`, handle, baseUrl });
  const code = server.oneTimeCode(pending_id);
  if (code === undefined) throw new Error(`the server issued no one-time code for ${handle}`);
  const { client, apiKey } = await AgentChatClient.verify(pending_id, code, { baseUrl });
  return { handle, apiKey, client };
}

/** Registers several, a few at a time. */
export async function registerAgents(server: LocalServer, handles: readonly string[]): Promise<Registered[]> {
  const registered: Registered[] = [];
  for (let at = 0; at < handles.length; at += 10) {
    const group = handles.slice(at, at + 10).map((handle) => registerAgent(server, handle));
    registered.push(...(await Promise.all(group)));
  }
  return registered;
}
