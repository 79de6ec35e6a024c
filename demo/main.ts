// `npm start`: shows the main job of this package on real sockets, with everything going wrong that can.
import { agentchatClient } from './clients/agentchat-client.js';
import { agentchatme } from './clients/agentchatme.js';
import { botKit } from './clients/bot-kit.js';
import { isClean } from './ledger.js';
import { HELP, parseOptions, USAGE } from './options.js';
import { run } from './run.js';
import { table } from './table.js';

const CLIENTS = { 'agentchat-client': agentchatClient, agentchatme, bot: botKit };

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
  const client = CLIENTS[options.client];
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
  return isClean(outcome.tally) ? 0 : 1;
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
