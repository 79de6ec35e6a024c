import { type EventContext, RealtimeClient } from '../../realtime/index.js';
import { type Message, SERVER_EVENTS } from '../../wire/index.js';
import { type Account, clientOf } from '../account.js';
import { foreign } from '../foreign.js';
import type { Output } from '../output.js';
import { aborted } from '../stop-signal.js';
import { muteSockets } from './mute-socket.js';
import { muteSource } from './mute-source.js';
import { backlogIsRead } from './readiness.js';

/** Who looks at what comes in. */
export interface Watcher {
  /** Messages of one conversation come one after the other. With `acks`, one that throws comes again. */
  message(message: Message, context: EventContext): unknown;
  /** Everything else that the service pushes. Default: nobody. */
  event?(event: { readonly type: string; readonly payload: unknown }): void;
  /** Everything that was missed has been shown. Once. */
  ready?(handle: string): void;
}

/** How is looked. */
export interface WatchOptions {
  readonly account: Account;
  /** Whether what was looked at is acknowledged, and so does not come again. */
  readonly acks: boolean;
  readonly out: Output;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Whether each event is compared with the contract, and told when it differs. Default: some are. */
  readonly isStrict?: boolean;
}

/**
 * Looks at what comes in for an agent until the signal aborts. Says when it connects, when it is ready, and when the connection
 * is lost.
 *
 * @throws what the service refuses, and what the first call to it failed with.
 */
export async function watch(options: WatchOptions, watcher: Watcher): Promise<void> {
  const { account, acks, out, signal, isStrict = false } = options;
  const client = clientOf(account);
  // Before the socket, which would try for ever: an address that does not answer is told at once.
  const { handle } = await client.getMe({ signal });
  const { apiKey, baseUrl } = account;
  const quiet = acks ? { client } : { client: muteSource(client), apiKey, baseUrl, webSocket: muteSockets };
  const validate = isStrict ? 'strict' : 'warn';
  const realtime = new RealtimeClient({ ...quiet, handle, validate });
  realtime.on('message.new', ({ payload }, context) => watcher.message(payload, context));
  for (const type of SERVER_EVENTS) {
    if (type !== 'message.new' && watcher.event !== undefined) {
      realtime.on(type, (event) => watcher.event?.(event));
    }
  }
  let wasReady = false;
  realtime.onConnect(() => {
    out.say(`connected as ${handle}, reading what was missed`);
    if (realtime.explain().connection.session?.ackMode === false && !acks) {
      out.say('warning: this service knows no acknowledgements: what is shown here counts as delivered');
    }
    void backlogIsRead(realtime).then((isRead) => {
      if (!isRead) return;
      out.say(out.talk.green('Ready'));
      if (!wasReady) watcher.ready?.(handle);
      wasReady = true;
    });
  });
  realtime.onDisconnect(({ code, reason, nextAttemptInMs }) => {
    const why = reason === '' ? String(code) : `${code} ${foreign(reason)}`;
    const next =
      nextAttemptInMs === null ? '' : `, next attempt in ${(nextAttemptInMs / 1_000).toFixed(1)} s`;
    out.say(`${out.talk.yellow('connection lost')} (${why})${next}`);
  });
  realtime.onError((error) => out.say(`${out.talk.yellow('warning:')} ${foreign(error.message)}`));
  void realtime.connect();
  const stopped = aborted(signal).then(() => realtime.disconnect({ deadlineMs: 0 }));
  await Promise.race([stopped, realtime.closed]);
}
