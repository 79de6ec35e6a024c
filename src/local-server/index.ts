/**
 * A stand-in for the AgentChat service that runs inside a Node program: for trying things out, for tests, and for
 * finding out what a bot does when everything goes wrong.
 *
 * @packageDocumentation
 */
export type { Faults } from './faults/controls.js';
export type { FaultKind, FrameFaultKind, Moment, RestFaultKind } from './faults/kinds.js';
export type { CurrentRate } from './faults/plan.js';
export type {
  FaultRate,
  FaultSettings,
  FaultyFrame,
  NextCalls,
  NextFrames,
  NextOptions,
  RestFaultRate,
} from './faults/settings.js';
export type { AgentView, CreateAgentOptions, IssuedKey, MuteTarget } from './operator.js';
export type { LocalServerOptions } from './options.js';
export type { ColdCapCode, QuirkOptions } from './quirks.js';
export type { RestartOptions } from './restart.js';
export type { SeedAgent, SeededAgent } from './seeds.js';
export { type ControlAccess, type LocalServer, startLocalServer } from './server.js';
export type { WebhookAttempt } from './webhooks/attempts.js';
export type { WebhookControls, WebhookView } from './webhooks/controls.js';
