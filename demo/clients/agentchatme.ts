import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Message, replyId } from 'agentchat-client';
import { runNpm } from '../../scripts/install.mjs';
import type { BotClient } from '../bot.js';

/** The official SDK, at the version that this comparison was made with, and the socket that it wants on Node 20. */
const VERSION = '1.0.2212';
const PACKAGES = [`agentchatme@${VERSION}`, 'ws@^8.21.1'];

const tuning = { reconnectInterval: 100, maxReconnectInterval: 1_000 };

/** The part of the official SDK that its README tells a bot to use. */
interface OfficialModule {
  AgentChatClient: new (options: { apiKey: string; baseUrl: string }) => OfficialClient;
  RealtimeClient: new (options: {
    apiKey: string;
    baseUrl: string;
    client: OfficialClient;
    reconnectInterval: number;
    maxReconnectInterval: number;
    onSequenceGap(info: { recovered: boolean; reason: string }): void;
  }) => OfficialRealtime;
}
interface OfficialClient {
  sendMessage(request: object): Promise<unknown>;
  sync(...args: unknown[]): Promise<unknown[]>;
}
interface OfficialRealtime {
  on(type: 'message.new', handler: (event: { payload: Message }) => Promise<void>): void;
  onError(handler: (error: Error) => void): void;
  onConnect(handler: () => void): void;
  connect(): Promise<void>;
  disconnect(): void;
}

/** Downloads the SDK beside our own dependencies, not among them, the first time it is asked for. */
async function loadOfficial(): Promise<OfficialModule> {
  const cache = fileURLToPath(new URL(`../../node_modules/.cache/agentchatme-${VERSION}`, import.meta.url));
  const entry = join(cache, 'node_modules', 'agentchatme', 'dist', 'index.js');
  if (!existsSync(entry)) {
    console.log(`Installing ${PACKAGES[0]} into node_modules/.cache ...`);
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'package.json'), '{ "private": true }\n');
    if (runNpm(['install', '--prefix', cache, ...PACKAGES], cache) !== 0) {
      throw new Error(`agentchatme@${VERSION} could not be installed; see the message of npm above`);
    }
  }
  return import(pathToFileURL(entry).href);
}

export const agentchatme: BotClient = {
  title: `agentchatme ${VERSION} (the official SDK)`,
  settings: Object.entries(tuning)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', '),
  async start(setup) {
    const official = await loadOfficial();
    const counts = { gaps: 0, filled: 0, connects: 0, drainedRows: 0 };
    const client = new official.AgentChatClient({ apiKey: setup.apiKey, baseUrl: setup.baseUrl });
    const sync = client.sync.bind(client);
    client.sync = async (...args) => {
      const rows = await sync(...args);
      counts.drainedRows += rows.length;
      return rows;
    };
    const realtime = new official.RealtimeClient({
      apiKey: setup.apiKey,
      // It appends the path itself, and wants the address with a ws: scheme.
      baseUrl: new URL(setup.wsUrl).origin,
      client,
      ...tuning,
      onSequenceGap(gap) {
        counts.gaps += 1;
        if (gap.recovered) counts.filled += 1;
        else setup.onTrouble(`gap not recovered (${gap.reason})`);
      },
    });

    realtime.on('message.new', async ({ payload: message }) => {
      // Filling a gap brings the bot's own messages as well.
      if (message.sender === setup.handle) return;
      setup.onStarted(message);
      // This SDK does not run a failed handler again before the next reconnect, so the handler itself is stubborn.
      for (let attempt = 1; ; attempt += 1) {
        try {
          await client.sendMessage({
            to: message.sender,
            content: { text: `You said: ${message.content.text ?? '(no text)'}` },
            metadata: { reply_to: message.id },
            client_msg_id: replyId(message),
          });
          break;
        } catch (error) {
          if (attempt === 4) throw error;
          await setTimeout(500 * 2 ** (attempt - 1));
        }
      }
      setup.onFinished(message);
    });
    realtime.onError((error) => setup.onTrouble(error.message));
    realtime.onConnect(() => {
      counts.connects += 1;
    });
    await realtime.connect();
    return {
      counters: () => ({
        gapsOpened: counts.gaps,
        gapsClosedByThemselves: undefined,
        gapsFilled: counts.filled,
        holes: undefined,
        reconnects: Math.max(0, counts.connects - 1),
        drainedRows: counts.drainedRows,
      }),
      stop: async () => realtime.disconnect(),
    };
  },
};
