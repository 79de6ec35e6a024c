import { type LocalServer, type LocalServerOptions, startLocalServer } from '../../src/local-server/index.js';
import { AgentChatClient, type AgentChatClientOptions } from '../../src/rest/index.js';

/** A local server, and clients whose answers must be to the letter of the contract. */
export interface Stage {
  readonly server: LocalServer;
  /** Creates an agent and gives its client. */
  client(handle: string, options?: AgentChatClientOptions): AgentChatClient;
}

/** Runs a test on a server of its own, and closes it whatever happened. */
export async function onStage(
  options: LocalServerOptions,
  test: (stage: Stage) => Promise<void>,
): Promise<void> {
  const server = await startLocalServer(options);
  try {
    await test({
      server,
      client(handle, clientOptions = {}) {
        const { apiKey } = server.createAgent(handle);
        return new AgentChatClient({ apiKey, baseUrl: server.url, validate: 'strict', ...clientOptions });
      },
    });
  } finally {
    await server.close();
  }
}

/** What a call was rejected with. */
export async function caught(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => {
      throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

/** Everything that an iteration gives. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const given: T[] = [];
  for await (const item of items) given.push(item);
  return given;
}
