export { type BotStore, cursorsOf, type SharedBotStore, type StoreOptions } from './bot-store.js';
export { Claims } from './claims.js';
export type { CursorStore, StoredCursor } from './cursor-store.js';
export { type Claim, type DedupeStore, messageClaimKey } from './dedupe-store.js';
export type { Change, StoreDriver } from './driver.js';
export { type MemoryBotStoreOptions, memoryStore } from './memory/bot-memory.js';
export { MemoryDedupeStore, type MemoryDedupeStoreOptions } from './memory/memory-dedupe-store.js';
export { MemoryStore } from './memory/memory-store.js';
export type {
  LossReason,
  ReplicaCoordinator,
  ReplicaInsight,
  ReplicaListener,
  TenureInsight,
} from './replicas/coordinator.js';
export type { ReplicaOptions } from './replicas/replicas.js';
export type { ClaimOptions } from './roles/claims.js';
export type { Json } from './roles/json.js';
export type {
  FrozenTurn,
  StepResult,
  StepStore,
  StoredTurn,
  TurnOutcome,
  TurnRecord,
} from './roles/steps.js';
export type {
  ListedValue,
  ListValuesOptions,
  SetValueOptions,
  StoredValue,
  ValueStore,
} from './roles/values.js';
export {
  type ServiceClaimsClient,
  type ServiceClaimsOptions,
  serviceClaims,
} from './service/service-claims.js';
