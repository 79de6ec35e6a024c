import type { BrainReport, FleetReport } from './bot.js';
import { isClean, type Tally } from './ledger.js';
import type { Outcome } from './run.js';

/** The closing table and the verdict, as lines of plain text. */
export function table(
  title: string,
  { tally, counters, report, brain, seconds, stopped }: Outcome,
): string[] {
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
    ...(report === undefined ? [] : fleetRows(report, tally, promised)),
    ...(brain === undefined ? [] : brainRows(brain)),
    ['seconds', seconds.toFixed(1)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  return ['', title, ...lines, '', stopped ? 'Stopped before the end.' : verdict(tally, report)];
}

function brainRows({ asked, refused, brokenOff, late }: BrainReport): [string, string][] {
  return [
    ['brain asked', String(asked)],
    ['refused / broken off / late', [refused, brokenOff, late].join(' / ')],
  ];
}

function fleetRows(
  report: FleetReport,
  tally: Tally,
  promised: (value: number) => string,
): [string, string][] {
  const { kills, stops, restarts, storeRestarts, takeOversMs, twoAtOnce } = report;
  const longest =
    takeOversMs.length === 0 ? '' : `, the longest ${(Math.max(...takeOversMs) / 1_000).toFixed(1)} s`;
  return [
    ['two at one conversation', promised(twoAtOnce)],
    ['handled again after a loss', String(tally.handledAgain)],
    ['killed / stopped / restarted', [kills, stops, restarts].join(' / ')],
    ['restarts of the store', String(storeRestarts)],
    ['take-overs after a kill', `${takeOversMs.length}${longest}`],
  ];
}

function verdict(tally: Tally, report: FleetReport | undefined): string {
  return isKept(tally, report)
    ? 'Every message was handled and answered once, in order.'
    : 'The promise was NOT kept: see the marked rows.';
}

/** Whether every row that must be 0 is. */
export function isKept(tally: Tally, report: FleetReport | undefined): boolean {
  return isClean(tally) && (report?.twoAtOnce ?? 0) === 0;
}
