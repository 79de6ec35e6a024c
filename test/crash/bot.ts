// A bot with a store that answers each message once, and that dies of SIGKILL at the moment that it is told.
import {
  AgentChatClient,
  type BotStore,
  type CursorStore,
  type DedupeStore,
  RealtimeClient,
  replyId,
  type StoredCursor,
} from 'agentchat-client';
import type { Death } from './death.js';
import { ENGINES, type EngineName } from './engines.js';
import type { Happening } from './happening.js';
import { Journal } from './journal.js';
import { mortalSocket } from './mortal-socket.js';
import { Mortality } from './mortality.js';
import type { Step } from './steps.js';

export interface CrashBotSetup {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly engine: EngineName;
  readonly storeAddress: string;
  readonly journalPath: string;
  readonly life: number;
  /** It dies of the one that it reaches first. */
  readonly deaths: readonly Death<Step>[];
}

/** The id of a message whose handler has ended. */
export type CrashBotTold = string;

const setup: CrashBotSetup = JSON.parse(process.argv[2] ?? '{}');
const { baseUrl, apiKey, engine, storeAddress, journalPath, life, deaths } = setup;
const journal = new Journal<Happening>(journalPath, life);
const mortality = new Mortality(deaths, journal);

class MortalClient extends AgentChatClient {
  override sendMessage(...args: Parameters<AgentChatClient['sendMessage']>) {
    return mortality.through('send', () => super.sendMessage(...args));
  }

  override sync(...args: Parameters<AgentChatClient['sync']>) {
    return mortality.through('sync', () => super.sync(...args));
  }

  override syncAck(...args: Parameters<AgentChatClient['syncAck']>) {
    return mortality.through('syncAck', () => super.syncAck(...args));
  }
}

class MortalCursors implements CursorStore {
  constructor(private readonly cursors: CursorStore) {}

  load(conversationId: string) {
    return mortality.through('load', () => this.cursors.load(conversationId));
  }

  save(cursors: readonly StoredCursor[]) {
    return mortality.through('save', async () => {
      await this.cursors.save(cursors);
      for (const { conversationId: conversation, expected, missing, parked } of cursors) {
        if (missing.length + parked.length === 0) journal.write({ what: 'save', conversation, expected });
      }
    });
  }

  async unfinished() {
    return (await this.cursors.unfinished?.()) ?? [];
  }
}

class MortalClaims implements DedupeStore {
  constructor(private readonly claims: DedupeStore) {}

  claim(key: string) {
    return mortality.through('claim', () => this.claims.claim(key));
  }

  commit(key: string, token: string) {
    return mortality.through('commit', async () => {
      await this.claims.commit(key, token);
      journal.write({ what: 'commit', claimKey: key });
    });
  }

  release(key: string, token: string) {
    return this.claims.release(key, token);
  }

  async renew(key: string, token: string) {
    await this.claims.renew?.(key, token);
  }
}

// Whoever started it has gone.
process.on('disconnect', () => process.exit());
const store: BotStore = await mortality.through('open', () => ENGINES[engine].open(storeAddress));
const client = new MortalClient({ apiKey, baseUrl });
const realtime = new RealtimeClient({
  client,
  store: new MortalCursors(store.cursors),
  dedupe: new MortalClaims(store.claims),
  webSocket: mortalSocket(mortality),
  // A reply that was sent by a life which died stands between the messages, and history has to say so.
  gapFillWindowMs: 200,
});
realtime.onError(({ code, message }) => console.error(`life ${life}: ${code} ${message}`));
realtime.on('message.new', async ({ payload: message }) => {
  const { id, conversation_id: conversation, seq, sender } = message;
  mortality.before('handler');
  journal.write({ what: 'begin', id, conversation, seq });
  const content = `seen ${message.content.text}`;
  await client.sendMessage({ to: sender, content, client_msg_id: replyId(message) });
  journal.write({ what: 'end', id, conversation, seq });
  mortality.after('handler');
  process.send?.(id satisfies CrashBotTold);
});
process.once('message', async () => {
  await realtime.disconnect();
  await store.close();
  process.disconnect?.();
});
void realtime.connect();
