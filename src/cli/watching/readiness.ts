import { setTimeout as sleep } from 'node:timers/promises';
import type { RealtimeClient } from '../../realtime/index.js';

/** How often is looked. Nobody tells when the last message of a backlog was handed over. */
const LOOK_EVERY_MS = 25;

/**
 * Resolves to true when everything that was missed has been read and handed over, and to false when the session ended before.
 */
export async function backlogIsRead(realtime: RealtimeClient): Promise<boolean> {
  const session = realtime.explain().connection.session?.id;
  for (;;) {
    const { state, connection, catchUp, totals, holdups, runningHandlers } = realtime.explain();
    if (state !== 'connected' || connection.session?.id !== session) return false;
    const isRead = !catchUp.draining && catchUp.lastPass?.complete === true;
    const waiting = totals.held + totals.waiting + runningHandlers + holdups.total;
    if (isRead && waiting === 0) return true;
    await sleep(LOOK_EVERY_MS);
  }
}
