import { inTurns, withServer } from './child.js';
import { ALL, type Contender, OURS, RAW } from './contenders.js';
import { median, medianRatio, print, row } from './report.js';

/** How long it took, and how long the process worked for it. */
export interface Elapsed {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** What handlers do with a message: contenders/common.mjs. */
export type HandlerKind = 'sync' | 'async' | 'microtask' | 'immediate';

interface Reception {
  readonly count: number;
  readonly conversations: number;
  readonly acks: boolean;
  readonly handler?: HandlerKind;
}

const REHEARSALS = 5;
const ROUNDS = 25;

/**
 * Receives bursts that never wait, on a connection that stays, as a bot's does. Returns how many times as fast as the raw
 * loop we are, by CPU time: on a machine that others use too, the wall tells more about them.
 */
export async function reception({
  count,
  conversations,
  acks,
  handler = 'sync',
}: Reception): Promise<number> {
  const found = await withServer('stream', { count, conversations, acks }, (port) =>
    inTurns({
      contenders: ALL,
      rehearsals: REHEARSALS,
      rounds: ROUNDS,
      prepare: (child) => child.ask('open', { port, count, acks, handler }),
      run: (child) => child.ask<Elapsed>('burst', {}),
    }),
  );
  const times = (contender: Contender, kind: keyof Elapsed) =>
    (found.get(contender) ?? []).map((elapsed) => elapsed[kind]);
  print(
    `${acks ? 'acks' : 'in order'}, ${handler} handlers: bursts of ${count.toLocaleString('en')} messages, ` +
      `${conversations.toLocaleString('en')} conversation${conversations === 1 ? '' : 's'}, ${ROUNDS} rounds`,
  );
  for (const contender of ALL) {
    const perSecond = Math.round((count / median(times(contender, 'cpuMs'))) * 1000).toLocaleString('en');
    const byWork = medianRatio(times(RAW, 'cpuMs'), times(contender, 'cpuMs')).toFixed(2);
    const byWall = medianRatio(times(RAW, 'wallMs'), times(contender, 'wallMs')).toFixed(2);
    row(contender, `${perSecond.padStart(9)} a second`, `${byWork} of the raw loop (${byWall} on the wall)`);
  }
  return medianRatio(times(RAW, 'cpuMs'), times(OURS, 'cpuMs'));
}
