import { between, type Chance, Chances } from './chance.js';
import {
  type FaultKind,
  type FaultParameters,
  FRAME_FAULTS,
  type FrameFaultKind,
  type FrameVerdict,
  type Moment,
  REST_FAULTS,
  type RestFaultKind,
  type RestVerdict,
} from './kinds.js';

/** A fault that strikes by chance. */
export interface RatedFault {
  readonly rate: number;
  readonly only: string | undefined;
  readonly endpoint: string | undefined;
  readonly parameters: FaultParameters;
}

/** How often a fault strikes at present, and whom. */
export interface CurrentRate {
  /** From 0 to 1. */
  readonly rate: number;
  /** The only agent that it strikes; null: all. */
  readonly only: string | null;
  /** The only endpoint that it strikes; null: all. */
  readonly endpoint: string | null;
}

/** A fault that strikes the next so many frames or calls that fit. */
export interface CountedFault {
  readonly kind: FaultKind;
  count: number;
  skip: number;
  readonly handle: string | undefined;
  readonly endpoint: string | undefined;
  readonly match: ((frame: unknown) => boolean) | undefined;
  readonly parameters: FaultParameters;
}

const PASS = { kind: 'pass' } as const;

/** Which faults are on, and what that means for each frame and each call. At most one fault strikes at a time. */
export class FaultPlan {
  readonly #chances: Chances;
  readonly #rated = new Map<FaultKind, RatedFault>();
  readonly #counts = new Map<FaultKind, number>();
  #counted: CountedFault[] = [];

  constructor(seed: number) {
    this.#chances = new Chances(seed);
  }

  /** Switches a fault on, or off with a rate of 0. */
  rate(kind: FaultKind, fault: RatedFault): void {
    if (fault.rate === 0) this.#rated.delete(kind);
    else this.#rated.set(kind, fault);
  }

  /** Lets a fault strike a certain number of times. Counted faults go before those of chance. */
  count(fault: CountedFault): void {
    this.#counted.push(fault);
  }

  clear(): void {
    this.#rated.clear();
    this.#counted = [];
  }

  rates(): Partial<Record<FaultKind, CurrentRate>> {
    const current = [...this.#rated].map(([kind, { rate, only = null, endpoint = null }]) => [
      kind,
      { rate, only, endpoint },
    ]);
    return Object.fromEntries(current);
  }

  counts(): Record<FaultKind, number> {
    const counts = {} as Record<FaultKind, number>;
    for (const kind of [...FRAME_FAULTS, ...REST_FAULTS]) counts[kind] = this.#counts.get(kind) ?? 0;
    return counts;
  }

  /** Records a fault that somebody commanded. */
  struck(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }

  forFrame(handle: string, frame: unknown): FrameVerdict {
    if (this.#isQuiet()) return PASS;
    const strike = this.#strike(FRAME_FAULTS, handle, undefined, frame);
    if (strike === undefined) return PASS;
    const { kind, parameters, chance } = strike;
    switch (kind) {
      case 'dropFrames':
      case 'duplicateFrames':
      case 'halfOpen':
        return { kind };
      case 'reorderFrames':
        return { kind, behind: between(chance, 1, 3) };
      case 'delayFrames':
        return { kind, ms: between(chance, parameters.minMs, parameters.maxMs) };
      case 'cutConnections':
        return { kind, when: momentOf(parameters, chance) };
    }
  }

  forCall(handle: string | undefined, endpoint: string): RestVerdict {
    if (this.#isQuiet()) return PASS;
    const strike = this.#strike(REST_FAULTS, handle, endpoint, undefined);
    if (strike === undefined) return PASS;
    const { kind, parameters, chance } = strike;
    switch (kind) {
      case 'restRateLimit':
        return { kind, retryAfterSeconds: parameters.retryAfterSeconds };
      case 'restUnavailable':
      case 'restCut':
        return { kind, when: momentOf(parameters, chance) };
      case 'restStall':
        return { kind, ms: parameters.ms, part: parameters.part ?? (chance() < 0.5 ? 'headers' : 'body') };
    }
  }

  #isQuiet(): boolean {
    return this.#rated.size === 0 && this.#counted.length === 0;
  }

  #strike<K extends FrameFaultKind | RestFaultKind>(
    kinds: readonly K[],
    handle: string | undefined,
    endpoint: string | undefined,
    frame: unknown,
  ): { kind: K; parameters: FaultParameters; chance: Chance } | undefined {
    const counted = this.#nextCounted(kinds, handle, endpoint, frame);
    if (counted !== undefined) {
      this.struck(counted.kind);
      return { ...counted, chance: this.#chanceOf(counted.kind, handle) };
    }
    for (const kind of kinds) {
      const fault = this.#rated.get(kind);
      if (fault === undefined) continue;
      if (fault.only !== undefined && fault.only !== handle) continue;
      if (fault.endpoint !== undefined && fault.endpoint !== endpoint) continue;
      const chance = this.#chanceOf(kind, handle);
      if (chance() >= fault.rate) continue;
      this.struck(kind);
      return { kind, parameters: fault.parameters, chance };
    }
    return undefined;
  }

  #nextCounted<K extends FaultKind>(
    kinds: readonly K[],
    handle: string | undefined,
    endpoint: string | undefined,
    frame: unknown,
  ): { kind: K; parameters: FaultParameters } | undefined {
    for (const fault of this.#counted) {
      const kind = kinds.find((each) => each === fault.kind);
      if (kind === undefined) continue;
      if (fault.handle !== undefined && fault.handle !== handle) continue;
      if (fault.endpoint !== undefined && fault.endpoint !== endpoint) continue;
      if (fault.match !== undefined && !holds(fault.match, frame)) continue;
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.count -= 1;
      if (fault.count === 0) this.#counted = this.#counted.filter((each) => each !== fault);
      return { kind, parameters: fault.parameters };
    }
    return undefined;
  }

  #chanceOf(kind: FaultKind, handle: string | undefined): Chance {
    return this.#chances.of(`${kind} ${handle ?? ''}`);
  }
}

function momentOf(parameters: FaultParameters, chance: Chance): Moment {
  return parameters.when ?? (chance() < 0.5 ? 'before' : 'after');
}

/** The caller's own test of a frame. One that throws fits nothing: it must not take the server's delivery down. */
function holds(match: (frame: unknown) => boolean, frame: unknown): boolean {
  try {
    return match(frame) === true;
  } catch {
    return false;
  }
}
