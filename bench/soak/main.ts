// `npm run soak`: a bot with default options for minutes, while everything goes wrong, and whether what is promised was kept.
import { HELP, parseOptions, type SoakOptions, USAGE } from './options.js';
import { judge } from './promises.js';
import { Soak } from './run.js';
import { shown } from './words.js';

const say = (line: string) => void process.stdout.write(`${line}\n`);

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args);
  if (parsed.kind === 'help') {
    say(HELP);
    return 0;
  }
  if (parsed.kind === 'wrong') {
    process.stderr.write(`${parsed.problem}\n${USAGE}\n`);
    return 2;
  }
  return run(parsed.options, interrupted());
}

async function run(options: SoakOptions, interrupt: AbortSignal): Promise<number> {
  const { minutes, rate, conversations, seed } = options;
  say(
    `${shown(rate)} messages a second in ${shown(conversations)} conversations for ${minutes} min, a cut every 5 s, ` +
      `1 % of frames lost, 5 % of REST calls failing, seed ${seed}`,
  );
  const soak = await Soak.open(options, say);
  try {
    const findings = await soak.run(interrupt);
    if (findings === null) return givenUp();
    const { bot, service } = findings;
    const promises = judge(findings);
    say('');
    for (const { promise, kept, found } of promises)
      say(`${kept ? 'kept  ' : 'BROKEN'}  ${promise}: ${found}`);
    say(`counters ${JSON.stringify(bot.counters)}`);
    say(`service ${JSON.stringify(service.settled)}, told of errors ${JSON.stringify(bot.errors)}`);
    const broken = promises.filter(({ kept }) => !kept);
    say(
      broken.length === 0
        ? 'Every promise was kept.'
        : `Broken: ${broken.map(({ promise }) => promise).join('; ')}.`,
    );
    return broken.length === 0 ? 0 : 1;
  } catch (error) {
    // A Ctrl-C may have ended a process before it could leave that to us.
    if (interrupt.aborted) return givenUp();
    throw error;
  } finally {
    await soak.close();
  }
}

function givenUp(): number {
  say('Interrupted: nothing is judged.');
  return 130;
}

/** Aborts at the first Ctrl-C; a later one does not wait. */
function interrupted(): AbortSignal {
  const stop = new AbortController();
  let askedAt = Number.POSITIVE_INFINITY;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // npm and the terminal may both pass on one and the same Ctrl-C.
      if (performance.now() - askedAt > 1_000) process.exit(130);
      askedAt = Math.min(askedAt, performance.now());
      stop.abort();
    });
  }
  return stop.signal;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`The soak failed: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
