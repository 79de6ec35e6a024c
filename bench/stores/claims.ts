import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { type BotStore, memoryStore } from '../../src/stores/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { redisStore } from '../../src/stores/redis/index.js';
import { PostgresServer } from '../../test/support/servers/postgres-server.js';
import { RedisServer } from '../../test/support/servers/redis-server.js';
import { print, row, shown } from '../realtime/report.js';

/** An engine that is measured: its store, and what it can do at best. */
interface Engine {
  readonly title: string;
  readonly store: BotStore;
  /** One small write, as the engine's own client makes it. */
  bareWrite(key: string): Promise<unknown>;
  end(): Promise<void>;
}

/** How many of them wait for an answer at the same time. */
const WIDTHS = [1, 16];
const ROUNDS = 5;
const ROUND_MS = 600;

/**
 * What a claim and its commit cost, which are two writes that are waited for, beside one bare write. On servers that write to their disks as
 * they do by default.
 */
export class Claims {
  readonly name = 'claims';

  async run(): Promise<void> {
    print('Claim and commit, two writes that are waited for, on servers on loopback:');
    for (const open of [openMemory, openPostgres, openRedis, openDurableRedis]) {
      const engine = await open();
      try {
        for (const width of WIDTHS) await measure(engine, width);
      } finally {
        await engine.store.close();
        await engine.end();
      }
    }
  }
}

async function measure({ title, store, bareWrite }: Engine, width: number): Promise<void> {
  const bare: number[] = [];
  const claims: number[] = [];
  const claimAndCommit = async (key: string) => {
    const claim = await store.claims.claim(key);
    if (claim.state === 'claimed') await store.claims.commit(key, claim.token);
  };
  // In turn, so that whatever else the machine does concerns both.
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await perSecond(width, (n) => bareWrite(`bare ${width} ${round} ${n}`)));
    claims.push(await perSecond(width, (n) => claimAndCommit(`claim ${width} ${round} ${n}`)));
  }
  const [write, pair] = [median(bare), median(claims)];
  row(
    { title: `${title}, ${width} at once` },
    `${shown(pair).padStart(7)} claim + commit/s`,
    `${shown(write).padStart(7)} bare writes/s`,
    `${(pair / write).toFixed(2)} of them`,
  );
}

/** How many calls fulfil in a second while `width` of them are under way. */
async function perSecond(width: number, call: (n: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  let done = 0;
  const worker = async () => {
    while (performance.now() - began < ROUND_MS) {
      done += 1;
      await call(done);
    }
  };
  await Promise.all(Array.from({ length: width }, worker));
  return (done / (performance.now() - began)) * 1_000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function openMemory(): Promise<Engine> {
  const map = new Map<string, string>();
  const bareWrite = async (key: string) => map.set(key, 'x');
  return { title: 'memory', store: memoryStore(), bareWrite, end: async () => {} };
}

async function openPostgres(): Promise<Engine> {
  const server = await PostgresServer.start({ settings: ['fsync=on'] });
  const pool = new Pool({ connectionString: server.url(), max: Math.max(...WIDTHS) });
  await pool.query('CREATE TABLE bare (key text PRIMARY KEY, value text)');
  return {
    title: 'Postgres',
    store: await postgresStore({ pool, agent: 'bench' }),
    bareWrite: (key) => pool.query('INSERT INTO bare VALUES ($1, $2)', [key, 'x']),
    async end() {
      await pool.end();
      await server.remove();
    },
  };
}

const openRedis = () => redisWith('none', 'Redis, in memory');
const openDurableRedis = () => redisWith('always', 'Redis, appendfsync always');

async function redisWith(persistence: 'always' | 'none', title: string): Promise<Engine> {
  const server = await RedisServer.start({ persistence });
  const client = new Redis(server.url());
  return {
    title,
    store: await redisStore({ client, agent: 'bench' }),
    bareWrite: (key) => client.set(key, 'x'),
    async end() {
      client.disconnect();
      await server.remove();
    },
  };
}
