import { readFile, rename, writeFile } from 'node:fs/promises';
import {
  AgentChatClient,
  type CursorStore,
  RealtimeClient,
  replyId,
  type StoredCursor,
} from 'agentchat-client';

/** All cursors in one file, which is replaced as a whole: a crash leaves the old one or the new one. */
class FileStore implements CursorStore {
  private constructor(
    private readonly path: string,
    private readonly cursors: Map<string, StoredCursor>,
  ) {}

  static async open(path: string): Promise<FileStore> {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error; // a file that cannot be read is not an empty one
    });
    return new FileStore(path, new Map(JSON.parse(text)));
  }

  async load(conversationId: string): Promise<StoredCursor | null> {
    return this.cursors.get(conversationId) ?? null;
  }

  /** Rejects when the file cannot be written: then nothing is acknowledged, and the client tries again. */
  async save(cursors: readonly StoredCursor[]): Promise<void> {
    for (const cursor of cursors) this.cursors.set(cursor.conversationId, cursor);
    const next = `${this.path}.next`;
    await writeFile(next, JSON.stringify([...this.cursors]), { flush: true });
    await rename(next, this.path);
  }

  async unfinished(): Promise<readonly StoredCursor[]> {
    return [...this.cursors.values()].filter(({ missing, parked }) => missing.length + parked.length > 0);
  }
}

const client = new AgentChatClient();
const store = await FileStore.open(process.env.STORE_PATH ?? './cursors.json');
const realtime = new RealtimeClient({ client, store });
realtime.on('message.new', async ({ payload: message }) => {
  if (message.type === 'system') return;
  await client.sendMessage({ to: message.sender, content: 'Noted.', client_msg_id: replyId(message) });
});
process.once('SIGTERM', () => realtime.disconnect({ deadlineMs: 8_000 }));
process.once('SIGINT', () => realtime.disconnect({ deadlineMs: 8_000 }));
void realtime.connect();
await realtime.closed;
