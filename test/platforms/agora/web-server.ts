import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nodeCompletions } from 'agentchat-client/platforms/agora';

/** An endpoint behind Node's own server, on loopback. */
export async function serve(
  handler: (request: Request) => Promise<Response>,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(nodeCompletions(handler));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
