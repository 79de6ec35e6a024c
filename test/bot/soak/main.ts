// `npm run bot-soak`: a bot of the kit in virtual time. Run with --expose-gc, or memory is not judged.
import { megabytes, shown } from '../../../bench/soak/words.js';
import { numberAfter } from '../../simulation/flags.js';
import { Soak, type SoakFindings } from './soak.js';

const USAGE = 'usage: npm run bot-soak -- [--minutes 10] [--conversations 500] [--seed N]';
/** In half a run. What V8 compiles meanwhile is half a megabyte, and the ids of the last hundred messages of each conversation grow too. */
const MOST_HEAP_GROWTH_BYTES = 2 * 1024 * 1024;

const minutes = numberAfter('--minutes', 10, USAGE);
const conversations = numberAfter('--conversations', 500, USAGE);
const seed = numberAfter('--seed', 1, USAGE);
const say = (line: string) => process.stdout.write(`${line}\n`);

const startedAt = performance.now();
say(`${shown(conversations)} conversations for ${minutes} min of virtual time, seed ${seed}`);
const findings = await new Soak({ minutes, conversations, seed }).run();
const broken = brokenIn(findings);
const { said, answered, failures, putAside, guarded, sessions, replays, growth, heapBytes, errors } =
  findings;
say(
  `${shown(said)} messages, ${shown(answered)} of them answered, ${shown(failures)} failed calls of the thinker, ${putAside} messages put aside, ` +
    `${guarded} interventions of the guard, ${sessions} sessions, ${replays} sends that came again`,
);
const grown = growth === null ? 'not measured' : megabytes(growth.heapBytes);
say(`heap ${megabytes(heapBytes)}, growth from the second quarter to the last: ${grown}`);
say(`told of errors ${JSON.stringify(errors)}`);
for (const promise of broken) say(`BROKEN  ${promise}`);
const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
say(
  `${broken.length === 0 ? 'Every promise was kept' : `${broken.length} promises were broken`}, ${seconds} s`,
);
process.exitCode = broken.length === 0 ? 0 : 1;

function brokenIn({ faults, undelivered, growth, left }: SoakFindings): string[] {
  const found = [...faults];
  if (undelivered > 0) found.push(`${undelivered} messages were not acknowledged`);
  if (growth !== null && growth.heapBytes > MOST_HEAP_GROWTH_BYTES)
    found.push(`the heap grew by ${megabytes(growth.heapBytes)}`);
  if (left.timers > 0) found.push(`STOP-1: ${left.timers} timers are left`);
  if (left.signalListeners > 0) found.push(`${left.signalListeners} listeners of signals are left`);
  if (Object.keys(left.resources).length > 0) found.push(`left: ${JSON.stringify(left.resources)}`);
  return found;
}
