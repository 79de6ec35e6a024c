import { AckWitness } from '../ack-witness.js';
import { Facts } from '../facts.js';
import { GapWitness } from '../gap-witness.js';
import { ModelRest } from '../model-rest.js';
import { ModelService } from '../model-service.js';
import type { RestWatcher } from '../rest-witness.js';
import { Rng } from '../rng.js';
import { SteppingClock } from '../stepping-clock.js';
import { FleetNetwork } from './fleet-network.js';
import { LeaseWitness } from './lease-witness.js';
import type { ReplicaHandlerMode, ReplicaSchedule } from './schedule.js';
import { LATEST_MS, SharedStore } from './shared-store.js';
import { WorkWitness } from './work-witness.js';

/** The pace of REST is judged where there is one bot. */
const NOBODY: RestWatcher = { asks() {}, timedOut() {}, answered() {}, oneRowAnswered() {}, limited() {} };

/** Everything around the replicas: time, the service, the store that they share, and those who watch. */
export class ReplicasWorld {
  readonly clock: SteppingClock;
  readonly rng: Rng;
  readonly facts: Facts;
  readonly leases: LeaseWitness;
  readonly acks: AckWitness;
  readonly works: WorkWitness;
  readonly gaps: GapWitness;
  readonly network: FleetNetwork;
  readonly service: ModelService;
  readonly rest: ModelRest;
  readonly store: SharedStore;
  handlerMode: ReplicaHandlerMode = 'async';
  /** When something last happened to the store. */
  lastTroubleAt = Number.NEGATIVE_INFINITY;
  /** Until then somebody who has gone may count as living: its sign of life is still in the store. */
  ghostsUntil = Number.NEGATIVE_INFINITY;

  constructor(
    readonly schedule: ReplicaSchedule,
    traced: boolean,
  ) {
    const { seed, partitions } = schedule;
    const clock = new SteppingClock({ seed });
    const rng = new Rng(seed ^ 0x5bd1e995);
    const facts = new Facts(() => clock.now(), traced);
    const historyOf = (id: string) => this.service.historyOf(id);
    const now = () => clock.now();
    this.clock = clock;
    this.rng = rng;
    this.facts = facts;
    this.acks = new AckWitness(facts, true, false, historyOf);
    this.store = new SharedStore(clock, rng, schedule, (by, changes, version) =>
      this.leases.wrote(by, changes, version),
    );
    this.leases = new LeaseWitness({
      facts,
      storeClock: this.store.clock,
      partitions,
      now,
      onSaved: (cursors) => {
        this.acks.saved(cursors);
        this.works.saved(cursors);
      },
    });
    this.works = new WorkWitness({ facts, leases: this.leases, acks: this.acks, now, historyOf });
    this.gaps = new GapWitness({
      facts,
      gapGiveUpMs: 300_000,
      hasRest: true,
      forgets: false,
      historyOf,
      // What is older than a beginning without an answer counts as named.
      historyRefused: () => true,
      onStray: () => {},
    });
    this.network = new FleetNetwork(clock, rng, schedule);
    this.service = new ModelService(clock, rng, schedule, this.network, (stored, how) =>
      this.acks.acked(stored, how),
    );
    this.rest = new ModelRest(clock, rng, this.service, this.network, NOBODY);
  }

  /** Something happens that take-overs may have to wait for. */
  disturbed(): void {
    this.lastTroubleAt = this.clock.now();
    this.leases.disturbed();
  }

  /** Somebody goes, and may not have said goodbye. */
  leavesGhost(): void {
    const lateMs = this.store.isWell ? 0 : LATEST_MS;
    this.ghostsUntil = this.clock.now() + 1.1 * this.schedule.leaseMs + lateMs;
  }

  calmDown(): void {
    this.network.calmDown();
    this.rest.mode = 'ok';
    this.store.mode = 'ok';
    this.store.tells = true;
    this.store.cutOff.clear();
    this.handlerMode = 'sync';
    this.disturbed();
  }
}
