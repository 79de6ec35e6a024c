import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, symlink, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreError } from '../../errors/index.js';
import { ENGINE } from './faults.js';

/** The record in the store that says who owns it. Read and written in transactions, which all processes share. */
export interface OwnerRecord {
  /** The owner's socket; null when nobody owns the store. */
  read(): string | null;
  /** Puts `to` there if `from` stands there. False when it does not, any more. */
  replace(from: string | null, to: string | null): Promise<boolean>;
}

/** The name of a socket may have 107 bytes on Linux, and 103 on macOS. */
const MOST_PATH_LENGTH = 100;
/** A takeover that somebody else was faster at is tried again. */
const MOST_TRIES = 20;

/**
 * One process owns the folder. It listens on a socket beside the files: whoever can connect to it knows that the owner is there,
 * also one that is stopped; a killed one leaves a socket that refuses at once. A process id would lie across containers, and a time of
 * last life would make a restart wait.
 */
export class Owner {
  constructor(
    private readonly server: Server,
    private readonly folder: string,
    private readonly socket: string,
    private readonly record: OwnerRecord,
  ) {}

  /** Whether this process still is what the record says. */
  get holds(): boolean {
    return this.record.read() === this.socket;
  }

  /** Gives the folder up. */
  async resign(): Promise<void> {
    await this.record.replace(this.socket, null).catch(() => {});
    await this.hangUp();
  }

  /** @throws StoreError `owned` when another process has the folder. */
  async take(): Promise<void> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const before = this.record.read();
      if (before !== null && (await isListening(this.folder, before))) {
        throw new StoreError({
          engine: ENGINE,
          fault: 'owned',
          advice: `Stop the process that uses ${this.folder}, open it with readOnly, or use a store that several processes may share (Postgres, Redis).`,
        });
      }
      if (await this.record.replace(before, this.socket)) {
        if (before !== null) await unlink(join(this.folder, before)).catch(() => {});
        return;
      }
    }
    throw new StoreError({ engine: ENGINE, fault: 'owned' });
  }

  async hangUp(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    await unlink(join(this.folder, this.socket)).catch(() => {});
  }
}

/**
 * Makes this process the owner of a folder.
 *
 * @throws StoreError `owned` when another process has it.
 */
export async function becomeOwner(folder: string, record: OwnerRecord): Promise<Owner> {
  const socket = `owner-${randomBytes(6).toString('hex')}.sock`;
  const owner = new Owner(await listen(folder, socket), folder, socket, record);
  try {
    await owner.take();
    return owner;
  } catch (error) {
    await owner.hangUp();
    throw error;
  }
}

async function listen(folder: string, socket: string): Promise<Server> {
  const server = createServer((asking) => asking.destroy());
  // The store does not keep the process alive.
  server.unref();
  await withAddress(
    folder,
    socket,
    (address) =>
      new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(address, resolve);
      }),
  );
  // What fails from now on fails for whoever asks.
  server.on('error', () => {});
  return server;
}

/** Only a refusal, or that nothing is there, says that nobody is. */
function isListening(folder: string, socket: string): Promise<boolean> {
  return withAddress(
    folder,
    socket,
    (address) =>
      new Promise<boolean>((resolve) => {
        const asking = connect(address);
        asking.once('connect', () => {
          asking.destroy();
          resolve(true);
        });
        asking.once('error', ({ code }: NodeJS.ErrnoException) => {
          asking.destroy();
          resolve(code !== 'ECONNREFUSED' && code !== 'ENOENT');
        });
      }),
  );
}

/** The address of a socket in a folder; by a shorter way where the folder's path is long. */
async function withAddress<T>(
  folder: string,
  socket: string,
  use: (address: string) => Promise<T>,
): Promise<T> {
  if (process.platform === 'win32') return use(`\\\\.\\pipe\\agentchat-${socket}`);
  const direct = join(folder, socket);
  if (Buffer.byteLength(direct) <= MOST_PATH_LENGTH) return use(direct);
  const shortcut = await mkdtemp(join(tmpdir(), 'ac-'));
  try {
    await symlink(folder, join(shortcut, 'd'));
    return await use(join(shortcut, 'd', socket));
  } finally {
    await rm(shortcut, { recursive: true, force: true });
  }
}
