import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writePrivately } from '../credentials/index.js';
import { EXIT } from './exit-code.js';
import { Failure } from './failure.js';

/** A running `agentchat dev`, as it tells the other commands of itself. */
export interface LocalService {
  readonly url: string;
  readonly port: number;
  /** Opens its control. */
  readonly token: string;
  readonly pid: number;
  readonly agents: readonly { readonly handle: string; readonly apiKey: string }[];
}

const FILE = /^local-(\d+)\.json$/;

function fileOf(home: string, port: number): string {
  return join(home, `local-${port}.json`);
}

/** Lets the other commands find it. */
export async function announce(home: string, service: LocalService): Promise<void> {
  await writePrivately(fileOf(home, service.port), `${JSON.stringify(service, null, 2)}\n`);
}

/** The end of it. */
export async function withdraw(home: string, port: number): Promise<void> {
  await rm(fileOf(home, port), { force: true });
}

/**
 * The local service that runs for this user; with a port, the one at that port.
 *
 * @throws Failure when there is none, or when there are several.
 */
export async function findLocalService(home: string, port?: number): Promise<LocalService> {
  const running = (await allOf(home)).filter((service) => port === undefined || service.port === port);
  const [service, ...others] = running;
  if (service === undefined) {
    const where = port === undefined ? '' : ` at port ${port}`;
    throw new Failure(`No local service runs${where}. Start one with \`agentchat dev\`.`, EXIT.usage);
  }
  if (others.length > 0) {
    const ports = running.map((each) => each.port).join(', ');
    throw new Failure(`Several local services run, at the ports ${ports}. Stop all but one.`, EXIT.usage);
  }
  return service;
}

async function allOf(home: string): Promise<LocalService[]> {
  const names = await readdir(home).catch(() => []);
  const read = names
    .filter((name) => FILE.test(name))
    .map(async (name) => serviceIn(await readFile(join(home, name), 'utf8').catch(() => '')));
  return (await Promise.all(read)).filter(
    (service) => service !== null && isAlive(service.pid),
  ) as LocalService[];
}

/** Null for what is no such file: a process that was killed half-way leaves anything. */
function serviceIn(text: string): LocalService | null {
  try {
    const service = JSON.parse(text) as Partial<LocalService> | null;
    const isWhole =
      typeof service?.url === 'string' &&
      typeof service.port === 'number' &&
      typeof service.token === 'string' &&
      typeof service.pid === 'number' &&
      Array.isArray(service.agents);
    return isWhole ? (service as LocalService) : null;
  } catch {
    return null;
  }
}

/** One that was killed leaves its file behind. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
