import { type Home, NEW_HOME } from '../../test/crash/homes.js';
import type { Target } from '../realtime/report.js';

/** An engine that is measured. `name` is a module in `engines/`, which opens it in the process of the bot. */
export interface Engine {
  readonly name: string;
  readonly title: string;
  /** What was promised of inbound with it, as a part of inbound with memory; none for what it is compared with. */
  readonly target?: Target;
  newHome(): Promise<Home>;
}

export const MEMORY: Engine = {
  name: 'memory',
  title: 'memoryStore()',
  newHome: async () => ({ address: '', remove: async () => {} }),
};

export const ALL: readonly Engine[] = [
  MEMORY,
  { name: 'lmdb', title: 'lmdbStore()', target: { atLeast: 0.5 }, newHome: NEW_HOME.lmdb },
  { name: 'postgres', title: 'postgresStore()', target: { atLeast: 0.25 }, newHome: NEW_HOME.postgres },
  { name: 'redis', title: 'redisStore(), always', target: { atLeast: 0.25 }, newHome: NEW_HOME.redis },
];
