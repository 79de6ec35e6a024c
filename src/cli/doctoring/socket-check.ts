import { setTimeout as sleep } from 'node:timers/promises';
import { RealtimeClient } from '../../realtime/index.js';
import { type Account, clientOf } from '../account.js';
import { EXIT } from '../exit-code.js';
import { verdictOn } from '../failure.js';
import { muteSockets } from '../watching/mute-socket.js';
import { muteSource } from '../watching/mute-source.js';
import { backlogIsRead } from '../watching/readiness.js';
import type { Finding } from './finding.js';

/** How long the socket, and then the reading of what waits, may take. */
const PATIENCE_MS = 15_000;

/** Opens a socket that acknowledges nothing, and asks the client what it makes of it. */
export async function lookAtSocket(account: Account): Promise<Finding[]> {
  const { apiKey, baseUrl } = account;
  const source = muteSource(clientOf(account));
  const realtime = new RealtimeClient({ client: source, apiKey, baseUrl, webSocket: muteSockets });
  let waiting = 0;
  realtime.on('message.new', () => {
    waiting += 1;
  });
  realtime.onError(() => {});
  const startedAt = performance.now();
  const timer = new AbortController();
  const patience = sleep(PATIENCE_MS, 'late' as const, { signal: timer.signal }).catch(() => 'late' as const);
  try {
    const connected = await Promise.race([realtime.connect().then(() => 'connected' as const), patience]);
    const ms = Math.round(performance.now() - startedAt);
    if (connected === 'late') {
      const words = realtime.explain().summary;
      return [{ what: 'socket', state: 'failed', words, exitCode: EXIT.network }];
    }
    await Promise.race([backlogIsRead(realtime), patience]);
    const { summary, connection } = realtime.explain();
    const acks = connection.session?.ackMode === true;
    const mode = acks
      ? 'with acknowledgements'
      : 'without acknowledgements: what is pushed counts as delivered';
    return [
      { what: 'socket', state: acks ? 'ok' : 'warning', words: `accepted in ${ms} ms, ${mode}` },
      { what: 'waiting', state: 'ok', words: `${waiting} message${waiting === 1 ? '' : 's'} for this agent` },
      {
        what: 'explain',
        state: summary.startsWith('Connected and receiving') ? 'ok' : 'warning',
        words: summary,
      },
    ];
  } catch (error) {
    const { message, exitCode } = verdictOn(error);
    return [{ what: 'socket', state: 'failed', words: message, exitCode }];
  } finally {
    timer.abort();
    await realtime.disconnect({ deadlineMs: 0 });
  }
}
