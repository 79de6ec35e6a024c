import type { BotCounters } from './bot.js';
import { isClean, type Tally } from './ledger.js';

/** The closing table as lines of plain text. */
export function table(title: string, tally: Tally, counters: BotCounters, seconds: number): string[] {
  const told = (value: number | undefined) => (value === undefined ? 'not told' : String(value));
  const bad = (value: number) => (value === 0 ? '0' : `${value}  <-- must be 0`);
  const rows: [string, string][] = [
    ['sent', String(tally.sent)],
    ['handled', String(tally.handled)],
    ['replies', String(tally.replies)],
    ['lost', bad(tally.lost)],
    ['handled twice', bad(tally.handledTwice)],
    ['out of order', bad(tally.outOfOrder)],
    ['answered twice', bad(tally.answeredTwice)],
    [
      'gaps opened / filled / holes',
      [counters.gapsOpened, counters.gapsFilled, counters.holes].map(told).join(' / '),
    ],
    ['reconnects', String(counters.reconnects)],
    ['drained rows', String(counters.drainedRows)],
    ['seconds', seconds.toFixed(1)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    '',
    title,
    ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    '',
    isClean(tally)
      ? 'Every message was handled and answered once, in order.'
      : 'The promise was NOT kept: see the marked rows.',
  ];
}
