/** What has happened since the client was made. Plain numbers, read at any time: `{ ...realtime.counters }` is a snapshot. */
export interface Counters {
  /** Messages that came over a socket or as REST rows, duplicates included. */
  received: number;
  /** Messages whose handlers all succeeded. */
  handled: number;
  /** Messages that had been handled before (they are acknowledged again). */
  duplicates: number;
  /** Own messages that came back to us. */
  own: number;
  /** Messages that were handled after later ones of their conversation. */
  late: number;
  gapsOpened: number;
  /** Gaps that closed by natural arrival, without a REST call. */
  gapsClosedByThemselves: number;
  gapsFilled: number;
  /** Gaps of which something stayed missing. */
  gapsUnfilled: number;
  /** Seqs that history legitimately leaves out. */
  holes: number;
  /** Seqs that were given up. */
  missing: number;
  /** Messages that were dropped for want of room, to be fetched again. */
  shed: number;
  /** Messages whose handlers kept failing and that were put aside, each time counted. */
  parked: number;
  handlerFailures: number;
  /** Rows read from the undelivered queue after connects. */
  drainedRows: number;
  /** Messages that only the periodic reconcile brought to light. */
  reconciled: number;
  /** Of those and of rows that a fill brought: what the socket of a running session should have brought (LIVE-2). */
  findings: number;
  /** Sockets that were replaced because they looked well and brought nothing (LIVE-1, LIVE-2). */
  socketsReplaced: number;
  acksSent: number;
  /** Acknowledgements of the undelivered queue by cursor. */
  restAcks: number;
  /** Frames, rows and events that could not be given to any handler. Each message among them was reported. */
  malformed: number;
  /** Authenticated sessions after the first. */
  reconnects: number;
  /** Partitions that this replica was given (REP-5). */
  partitionsTaken: number;
  /** Partitions that it lost without having given them away (REP-3). */
  partitionsLost: number;
  /** Messages of conversations that another replica has (REP-4). */
  notOurs: number;
}

export function newCounters(): Counters {
  return {
    received: 0,
    handled: 0,
    duplicates: 0,
    own: 0,
    late: 0,
    gapsOpened: 0,
    gapsClosedByThemselves: 0,
    gapsFilled: 0,
    gapsUnfilled: 0,
    holes: 0,
    missing: 0,
    shed: 0,
    parked: 0,
    handlerFailures: 0,
    drainedRows: 0,
    reconciled: 0,
    findings: 0,
    socketsReplaced: 0,
    acksSent: 0,
    restAcks: 0,
    malformed: 0,
    reconnects: 0,
    partitionsTaken: 0,
    partitionsLost: 0,
    notOurs: 0,
  };
}
