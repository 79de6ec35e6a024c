import { normalizeHandle } from '../../wire/index.js';
import { checkNames, flag } from '../check.js';
import type { FaultKind } from './kinds.js';
import type { CurrentRate, FaultPlan } from './plan.js';
import { type FaultSettings, type NextOptions, readNext, readSettings } from './settings.js';
import type { ShutOut } from './shut-out.js';

/** The connections, as far as faults lay hands on them. */
export interface Connections {
  sessions(handle?: string): readonly { silence(): void; destroy(): void }[];
}

/**
 * Makes things go wrong: by rate, by count, or at once.
 *
 * @example
 * server.faults.set({ dropFrames: 0.05, restUnavailable: 0.1 }); // by rate
 * server.faults.next('dropFrames', { count: 3, handle: 'bob' }); // the next three of bob's
 * server.faults.cut('bob'); // now
 */
export interface Faults {
  /**
   * Switches faults on, changes them, or switches them off (rate 0). Those that are not named stay as they were.
   *
   * @throws ValidationError that names the option: an unknown name, a rate outside of 0 to 1, a negative delay.
   */
  set(settings: FaultSettings): void;
  /** Ends all faults: by rate, by count, and shut-outs. What is broken already stays broken; the counts stay. */
  clear(): void;
  /**
   * Lets a fault strike the next `count` frames or calls that fit, whatever the rates say.
   *
   * @example server.faults.next('halfOpen', { handle: 'bob', skip: 10 }); // with bob's 11th frame from now
   * @throws ValidationError that names the option.
   */
  next<Kind extends FaultKind>(kind: Kind, options?: NextOptions<Kind>): void;
  /** Which faults strike by chance at present, how often, and whom. A snapshot. */
  rates(): Partial<Record<FaultKind, CurrentRate>>;
  /** The handles of the agents that are shut out. A snapshot. */
  shutOuts(): readonly string[];
  /** How often each fault has struck. */
  counts(): Record<FaultKind, number>;
  /** Destroys an agent's sockets, or everybody's. Says how many. */
  cut(handle?: string): number;
  /** Makes an agent's sockets, or everybody's, silent in both directions without closing them. Says how many. */
  halfOpen(handle?: string): number;
  /**
   * Shuts an agent out, or lets it in again. Its sockets are destroyed, and new ones are refused: with 503 when the key
   * came in the upgrade, by hanging up when it came in the hello. With `rest`, its REST calls get 503 as well.
   */
  shutOut(handle: string, on: boolean, options?: { rest?: boolean | undefined }): void;
}

export function createFaults(plan: FaultPlan, shutOut: ShutOut, connections: Connections): Faults {
  const sessionsOf = (handle: string | undefined) =>
    connections.sessions(handle === undefined ? undefined : normalizeHandle(handle));
  return {
    set(settings) {
      for (const [kind, fault] of readSettings(settings)) plan.rate(kind, fault);
    },
    clear() {
      plan.clear();
      shutOut.clear();
    },
    next(kind, options) {
      plan.count(readNext(kind, options ?? {}));
    },
    rates: () => plan.rates(),
    shutOuts: () => shutOut.handles(),
    counts: () => plan.counts(),
    cut(handle) {
      const sessions = sessionsOf(handle);
      for (const session of sessions) {
        plan.struck('cutConnections');
        session.destroy();
      }
      return sessions.length;
    },
    halfOpen(handle) {
      const sessions = sessionsOf(handle);
      for (const session of sessions) {
        plan.struck('halfOpen');
        session.silence();
      }
      return sessions.length;
    },
    shutOut(handle, on, options) {
      const given = checkNames(options ?? {}, ['rest'], 'shutOut');
      const rest = flag(given.rest, 'rest', false);
      const name = normalizeHandle(handle);
      if (!flag(on, 'on', false)) {
        shutOut.lift(name);
        return;
      }
      shutOut.set(name, rest);
      for (const session of connections.sessions(name)) session.destroy();
    },
  };
}
