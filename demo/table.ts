import { isClean, type Tally } from './ledger.js';
import type { Outcome } from './run.js';

/** The closing table and the verdict, as lines of plain text. */
export function table(title: string, { tally, counters, seconds, stopped }: Outcome): string[] {
  const told = (value: number | undefined) => (value === undefined ? 'not told' : String(value));
  const promised = (value: number) => (value === 0 ? '0' : `${value}  <-- must be 0`);
  const rows: [string, string][] = [
    ['sent', String(tally.sent)],
    ['handled', String(tally.handled)],
    ['replies', String(tally.replies)],
    stopped ? ['not handled yet', String(tally.lost)] : ['lost', promised(tally.lost)],
    ['handled twice', promised(tally.handledTwice)],
    ['out of order', promised(tally.outOfOrder)],
    ['answered twice', promised(tally.answeredTwice)],
    [
      'gaps opened / filled / holes',
      [counters.gapsOpened, counters.gapsFilled, counters.holes].map(told).join(' / '),
    ],
    ['of them closed by themselves', told(counters.gapsClosedByThemselves)],
    ['reconnects', String(counters.reconnects)],
    ['drained rows', String(counters.drainedRows)],
    ['seconds', seconds.toFixed(1)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return ['', title, ...lines, '', stopped ? 'Stopped before the end.' : verdict(tally)];
}

function verdict(tally: Tally): string {
  return isClean(tally)
    ? 'Every message was handled and answered once, in order.'
    : 'The promise was NOT kept: see the marked rows.';
}
