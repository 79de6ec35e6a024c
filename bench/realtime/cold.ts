import { inTurns, withServer } from './child.js';
import { ALL, type Contender, OURS, RAW } from './contenders.js';
import type { Elapsed } from './reception.js';
import { type Measurement, median, print, row, type Verdict } from './report.js';

const BURST = 20_000;
const CONVERSATIONS = 100;
const RUNS = 3;

/** How far a process has come, and what is promised by then. */
const STAGES = [
  { messages: 400_000, inOrder: 0.85, acks: 2 },
  { messages: 1_000_000, inOrder: 0.93, acks: 2 },
] as const;
const BURSTS = Math.max(...STAGES.map(({ messages }) => messages)) / BURST;

/** Processor time of each burst, from the first that a process ever gets. */
function fresh(acks: boolean): Promise<Map<Contender, Elapsed[]>> {
  return withServer('stream', { count: BURST, conversations: CONVERSATIONS, acks }, (port) =>
    inTurns({
      contenders: ALL,
      rehearsals: 0,
      rounds: BURSTS,
      prepare: (child) => child.ask('open', { port, count: BURST, acks, handler: 'sync', withRest: true }),
      run: (child) => child.ask<Elapsed>('burst', {}),
    }),
  );
}

async function stages(acks: boolean): Promise<Verdict[]> {
  const runs: Map<Contender, Elapsed[]>[] = [];
  for (let run = 0; run < RUNS; run += 1) runs.push(await fresh(acks));
  print(`cold, ${acks ? 'acks' : 'in order'}: from the start of a process, with a REST client, ${RUNS} runs`);
  return STAGES.map((stage) => {
    const cpuMs = (run: Map<Contender, Elapsed[]>, contender: Contender) =>
      (run.get(contender) ?? []).slice(0, stage.messages / BURST).reduce((sum, { cpuMs: ms }) => sum + ms, 0);
    const ratio = (contender: Contender) =>
      median(runs.map((run) => cpuMs(run, RAW) / cpuMs(run, contender)));
    const first = `the first ${stage.messages.toLocaleString('en')}`;
    for (const contender of ALL) row(contender, first, `${ratio(contender).toFixed(2)} of the raw loop`);
    return {
      what: `of the raw loop over ${first} messages${acks ? ', acknowledged' : ''}`,
      value: ratio(OURS),
      target: { atLeast: acks ? stage.acks : stage.inOrder },
    };
  });
}

/** What a process costs before its code is hot: the engine has to compile what it runs. */
export const cold: Measurement = {
  name: 'cold',
  run: () => stages(false),
};

export const coldAcks: Measurement = {
  name: 'cold-acks',
  run: () => stages(true),
};
