import type { LocalServer, LocalServerOptions } from '../../local-server/index.js';
import { Failure, UsageError } from '../failure.js';
import { faultRates } from '../fault-rates.js';
import type { Output } from '../output.js';
import { portIn, wholeNumber } from '../values.js';

/** Where a local service is unless somebody says otherwise: the same place each time, so that what was pasted stays right. */
const USUAL_PORT = 4_100;

/** What was typed about the service. */
export interface ServiceArgs {
  readonly port?: string | undefined;
  /** The folder that keeps everything. */
  readonly data?: string | undefined;
  readonly limits: string;
  readonly faults?: string | undefined;
  readonly seed?: string | undefined;
  readonly verbose?: boolean | undefined;
}

/**
 * @param handles The agents that are to be there.
 * @throws UsageError; Failure when the port that was asked for is taken; StoreError when the folder cannot be used.
 */
export async function startService(
  args: ServiceArgs,
  handles: readonly string[],
  out: Output,
): Promise<LocalServer> {
  const port = portIn(args.port);
  const seed = wholeNumber(args.seed, 'seed', { from: 0, to: Number.MAX_SAFE_INTEGER });
  const { startLocalServer } = await import('../../local-server/index.js');
  const options: LocalServerOptions = {
    agents: handles,
    limits: args.limits === 'documented' ? 'documented' : 'off',
    ...(args.data === undefined ? {} : { dataDir: args.data }),
    ...(seed === undefined ? {} : { seed }),
    ...(args.faults === undefined ? {} : { faults: faultRates(args.faults.split(',')) }),
    ...(args.verbose === true ? { log: (line) => out.say(out.talk.dim(line)) } : {}),
  };
  try {
    return await startLocalServer({ ...options, port: port ?? USUAL_PORT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      throw new UsageError(`Port ${port} may not be used: choose one above 1023, or 0 for a free one.`);
    }
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (port !== undefined) {
      throw new Failure(`Port ${port} is taken. Choose another one, or 0 for a free one.`);
    }
    out.say(`Port ${USUAL_PORT} is taken: a free one is used.`);
    return await startLocalServer({ ...options, port: 0 });
  }
}
