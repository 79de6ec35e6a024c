// `npm start`: shows the main job of this package on real sockets, with everything going wrong that can.
import type { BotClient } from './bot.js';
import { agentchatClient } from './clients/agentchat-client.js';
import { agentchatme } from './clients/agentchatme.js';
import { botKit } from './clients/bot-kit.js';
import { type DemoOptions, HELP, parseOptions, USAGE } from './options.js';
import { run } from './run.js';
import { isKept, table } from './table.js';

const CLIENTS = { 'agentchat-client': agentchatClient, agentchatme, bot: botKit };

/** Or why there is none. */
async function clientOf({
  replicas,
  store,
  seed,
  client,
  brain,
  faults,
}: DemoOptions): Promise<BotClient | string> {
  if (brain !== null) {
    // It brings the stand-ins of the platforms along.
    const { botKitWith } = await import('./brains/bot-kit-with.js');
    return botKitWith(brain, faults, seed);
  }
  if (store === null) return CLIENTS[client];
  // It brings the packages of both stores along.
  const { missingServer, replicaBots } = await import('./replicas/replica-bots.js');
  return missingServer(store) ?? replicaBots({ count: replicas, store, seed });
}

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args);
  if (parsed.kind === 'help') {
    console.log(HELP);
    return 0;
  }
  if (parsed.kind === 'wrong') {
    console.error(`${parsed.problem}\n${USAGE}`);
    return 2;
  }
  const { options } = parsed;
  const client = await clientOf(options);
  if (typeof client === 'string') {
    console.error(client);
    return 2;
  }
  console.log(
    `${client.title}: ${options.messages} messages in ${options.conversations} conversations, ` +
      `faults ${options.faults}, seed ${options.seed}`,
  );
  console.log(`so that it fits into a minute: ${client.settings}`);

  const stop = new AbortController();
  let askedAt = Number.POSITIVE_INFINITY;
  process.on('SIGINT', () => {
    // npm and the terminal may both pass on one and the same Ctrl-C; only a later one is impatience.
    if (performance.now() - askedAt > 1_000) process.exit(130);
    askedAt = Math.min(askedAt, performance.now());
    stop.abort();
  });
  process.on('SIGTERM', () => stop.abort());

  const outcome = await run(options, client, process.stdout, stop.signal);
  for (const line of table(client.title, outcome)) console.log(line);
  if (outcome.stopped) return 130;
  if (outcome.tally.sent < options.messages) {
    console.error(`Only ${outcome.tally.sent} of ${options.messages} messages could be sent in time.`);
    return 1;
  }
  return isKept(outcome.tally, outcome.report) ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  },
);
