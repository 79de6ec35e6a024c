import { createInterface } from 'node:readline';
import type { IssuedKey, LocalServer, SeededAgent } from '../../local-server/index.js';
import { userHome } from '../account.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { Failure, UsageError } from '../failure.js';
import { announce, withdraw } from '../local-service.js';
import type { Output } from '../output.js';
import { aborted, stopSignal } from '../stop-signal.js';
import { Chat } from './chat.js';
import { Program } from './program.js';
import { type ServiceArgs, startService } from './start-service.js';

export interface DevArgs extends ServiceArgs {
  readonly agents: string;
  readonly say?: string | undefined;
}

/** `agentchat dev`: runs until it is stopped, or until its program ends. */
export async function runDev(args: DevArgs, words: readonly string[], out: Output): Promise<ExitCode> {
  const handles = args.agents.split(',').map((handle) => handle.trim());
  if (args.say !== undefined && words.length === 0) {
    throw new UsageError('--say needs a program behind "--" to say it to.');
  }
  if (words.length > 0 && handles.length < 2) {
    throw new UsageError('--agents must name two agents at least: one for you and one for the program.');
  }
  const signal = stopSignal();
  const server = await startService(args, handles, out);
  try {
    const agents = server.seeded.map(keyOf);
    await tellOthers(server, agents, out);
    present(server, agents, out);
    if (words.length === 0) {
      out.say(`${out.talk.green('Ready')}: Ctrl-C ends it.`);
      await aborted(signal);
      return EXIT.ok;
    }
    return await runProgram(server, agents, words, { say: args.say, out, signal });
  } finally {
    // First: once the port is free, the file of that name may be that of another service.
    await withdraw(await userHome(), server.port).catch(() => {});
    await server.close();
  }
}

/** @throws Failure for an agent whose key nobody knows any more. */
function keyOf({ handle, apiKey }: SeededAgent): IssuedKey {
  if (apiKey !== null) return { handle, apiKey };
  throw new Failure(
    `The key of ${handle} was changed in this folder, or ${handle} was deleted there: name other agents with --agents, or take another folder.`,
  );
}

/** Another command without it has to be told the address and a key. */
async function tellOthers(server: LocalServer, agents: readonly IssuedKey[], out: Output): Promise<void> {
  const { url, port, control } = server;
  try {
    await announce(await userHome(), { url, port, token: control.token, pid: process.pid, agents });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    out.say(`warning: other commands will not find this service: ${why}`);
  }
}

function environmentOf(server: LocalServer, agent: IssuedKey): Record<string, string> {
  return { AGENTCHAT_BASE_URL: server.url, AGENTCHAT_API_KEY: agent.apiKey };
}

function present(server: LocalServer, agents: readonly IssuedKey[], out: Output): void {
  const { bold, dim } = out.color;
  const last = agents.at(-1) as IssuedKey;
  const env = environmentOf(server, last);
  const width = Math.max(...agents.map(({ handle }) => handle.length));
  out.data(
    { url: server.url, port: server.port, pid: process.pid, seed: server.seed, agents, env },
    [
      `A local AgentChat service runs at ${bold(server.url)}`,
      '',
      ...agents.map(({ handle, apiKey }) => `  ${bold(handle.padEnd(width))}  ${apiKey}`),
      '',
      `In another terminal, to be ${last.handle}:`,
      '',
      ...Object.entries(env).map(([name, value]) => `  export ${name}=${value}`),
      '',
      dim(
        `Or: agentchat tail --as ${last.handle}; agentchat send ${last.handle} hello --as ${agents[0]?.handle}`,
      ),
    ].join('\n'),
  );
}

/** What a program is run with. */
interface Run {
  readonly say: string | undefined;
  readonly out: Output;
  readonly signal: AbortSignal;
}

async function runProgram(
  server: LocalServer,
  agents: readonly IssuedKey[],
  words: readonly string[],
  { say, out, signal }: Run,
): Promise<ExitCode> {
  const [person, bot] = [agents[0] as IssuedKey, agents.at(-1) as IssuedKey];
  const chat = new Chat(server, person, bot, out);
  const program = new Program(words, environmentOf(server, bot));
  out.say(`${program.name} runs as ${bot.handle}. Ctrl-C ends both.`);
  chat.begin(() => {
    if (say !== undefined) void chat.say(say);
    if (process.stdin.isTTY === true) out.say('Type a line to talk to it.');
  });
  const lines = process.stdin.isTTY === true ? createInterface({ input: process.stdin }) : undefined;
  lines?.on('line', (line) => {
    if (line.trim() !== '') void chat.say(line);
  });
  try {
    const how = await Promise.race([program.ended, aborted(signal)]);
    if (how === undefined) return EXIT.ok;
    if (how === '0') return EXIT.ok;
    throw new Failure(`${program.name} ended with ${how}.`);
  } finally {
    lines?.close();
    await Promise.all([program.end(), chat.end()]);
  }
}
