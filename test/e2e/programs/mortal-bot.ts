// A bot that answers each message once, and that dies of kill -9 at the moment that it is told.
import { setTimeout as sleep } from 'node:timers/promises';
import { AgentChatClient, type CursorStore, RealtimeClient, replyId } from 'agentchat-client';
import { Journal } from '../journal.js';
import { JsonFileStore } from '../json-file-store.js';

/** The moments at which a bot can die. All of them are in the middle of other handlers. */
export type Death =
  | 'before the reply'
  | 'after the reply'
  | 'after the handler'
  | 'before the cursor is written'
  | 'after the cursor was written'
  /** Whenever the test says so. */
  | 'from outside';

export interface MortalBotSetup {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly life: number;
  readonly journalPath: string;
  /** Null for a bot without a store. */
  readonly storePath: string | null;
  readonly death: Death | null;
  /** The death comes with the handler call, or the write of the store, of this number. */
  readonly deathAt: number;
}

export type MortalBotTold = { readonly kind: 'begun' | 'ended'; readonly id: string };

/** Long enough that the handlers of several conversations are at work at the same time. */
const WORK_MS = 5;

const tell = (told: MortalBotTold) => process.send?.(told);
const setup: MortalBotSetup = JSON.parse(process.argv[2] ?? '{}');
const { baseUrl, apiKey, storePath, death, deathAt } = setup;
const journal = new Journal(setup.journalPath, setup.life);
const client = new AgentChatClient({ apiKey, baseUrl });
const realtime = new RealtimeClient({
  apiKey,
  baseUrl,
  client,
  // Without acknowledgements each life begins with a gap: what was written to the one before.
  gapFillWindowMs: 200,
  store: storePath === null ? undefined : mortalStore(new JsonFileStore(storePath)),
});
let begun = 0;
realtime.on('message.new', async ({ payload: message }) => {
  journal.write('begin', message);
  tell({ kind: 'begun', id: message.id });
  begun += 1;
  const isLast = begun === deathAt;
  await sleep(WORK_MS);
  if (isLast) dieOf('before the reply');
  await client.sendMessage({ to: message.sender, content: 'seen', client_msg_id: replyId(message) });
  if (isLast) dieOf('after the reply');
  journal.write('end', message);
  if (isLast) dieOf('after the handler');
  tell({ kind: 'ended', id: message.id });
});
process.once('message', async () => {
  await realtime.disconnect();
  process.disconnect?.();
});
void realtime.connect();

function mortalStore(store: CursorStore): CursorStore {
  let writes = 0;
  return {
    load: (id) => store.load(id),
    async save(cursors) {
      writes += 1;
      if (writes === deathAt) dieOf('before the cursor is written');
      await store.save(cursors);
      if (writes === deathAt) dieOf('after the cursor was written');
    },
  };
}

/** Nothing of this process runs after the call, not even what it has scheduled. */
function dieOf(cause: Death): void {
  if (cause === death) process.kill(process.pid, 'SIGKILL');
}
