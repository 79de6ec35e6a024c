import type { Message } from '../wire/index.js';
import { Broadcast } from './actions/broadcast.js';
import { type Beginning, begin } from './begin.js';
import { CONTROL_PATH, Control } from './control/control.js';
import { exportTo } from './data/export.js';
import { createFaults, type Faults } from './faults/controls.js';
import { FaultPlan } from './faults/plan.js';
import { ShutOut } from './faults/shut-out.js';
import { Router } from './http/router.js';
import { IdSource } from './ids.js';
import { Listener } from './listener.js';
import {
  type AgentView,
  type CreateAgentOptions,
  type IssuedKey,
  type MuteTarget,
  Operator,
} from './operator.js';
import { type CheckedOptions, checkOptions, checkPath, type LocalServerOptions } from './options.js';
import { resources } from './resources/index.js';
import { checkRestart, type RestartOptions } from './restart.js';
import { Running } from './running.js';
import { type SeededAgent, seed } from './seeds.js';
import { createWebhookControls, type WebhookControls } from './webhooks/controls.js';
import { Courier } from './webhooks/courier.js';
import { Gate } from './ws/gate.js';
import { Hub } from './ws/hub.js';

/** Where and with what a running server is operated from outside of its program. */
export interface ControlAccess {
  /** The address that the commands are below: `http://127.0.0.1:<port>/_local/`. */
  readonly url: string;
  /** Drawn anew at each launch. Whoever has it may do all that a program with this server in hand may do. */
  readonly token: string;
}

/** A running stand-in for the AgentChat service. */
export interface LocalServer extends AsyncDisposable {
  /** The REST base URL: `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The WebSocket base URL: `ws://127.0.0.1:<port>`. */
  readonly wsUrl: string;
  readonly port: number;
  /** What the faults are drawn from. Note it, and the same faults can be had again. */
  readonly seed: number;
  /** The agents that were asked for at the start, in that order. */
  readonly seeded: readonly SeededAgent[];
  readonly faults: Faults;
  /** What becomes of webhooks, and what their owners and the service can do about them. */
  readonly webhooks: WebhookControls;
  /**
   * For other programs and pages of this machine: faults, agents and webhooks over HTTP on the same port, with the token as a
   * bearer. `agentchat chaos` uses it.
   */
  readonly control: ControlAccess;

  /** All agents, deleted ones too. A snapshot. */
  readonly agents: readonly AgentView[];
  /**
   * Creates an agent without registration and e-mail.
   *
   * @example const { apiKey } = server.createAgent('alice');
   * @throws ValidationError when the handle is malformed or taken.
   */
  createAgent(handle: string, options?: CreateAgentOptions): IssuedKey;
  /**
   * The code that would have been mailed for a pending registration, recovery or key rotation; `undefined` when it is used
   * up or expired, and when a recovery found nobody.
   */
  oneTimeCode(pendingId: string): string | undefined;
  /**
   * Issues another key; the old one is refused from now on. Open sockets are closed with 4401, or kept. What the real
   * service does with them is not known.
   *
   * @throws ValidationError when there is no such agent.
   */
  rotateKey(handle: string, options?: { sockets?: 'close' | 'keep' | undefined }): IssuedKey;
  /** Deletes an agent: its key is refused, its handle stays taken, its sockets are closed with 4401. */
  deleteAgent(handle: string): void;
  /** What an agent's owner can do on the dashboard. `'full'` also holds back what others send, until `'none'`. */
  pause(handle: string, mode: 'none' | 'send' | 'full'): void;
  /** What moderation can do. A suspended agent sends and receives nothing; a restricted one opens no conversations. */
  setStatus(handle: string, status: 'active' | 'restricted' | 'suspended'): void;
  /** Mutes an agent or a conversation for an agent, for ever or until a time in milliseconds since 1970. */
  mute(handle: string, target: MuteTarget, until?: number): void;
  /** Unmutes; says whether it was muted. */
  unmute(handle: string, target: MuteTarget): boolean;

  /**
   * Resolves when everything that has happened so far is on the disk; at once without a data folder. Answers to requests wait
   * for it by themselves: it is for what was done through this object, such as `createAgent`.
   *
   * @throws StoreError when it could not be written. It is tried again.
   */
  whenSaved(): Promise<void>;
  /**
   * Writes everything into a file of JSON lines, which `startLocalServer({ importFrom })` begins with. A file that is there
   * is replaced. It holds secrets of webhooks and digests of keys, and no keys: treat it like the data folder.
   *
   * @throws The system's error when it cannot be written.
   */
  exportTo(path: string): Promise<void>;

  /** The messages of a conversation by seq; empty for an unknown one. A snapshot. */
  messagesOf(conversationId: string): readonly Message[];
  /** All messages, in the order in which they were stored. A snapshot. */
  allMessages(): readonly Message[];
  /** What an agent has not got yet, oldest first. A snapshot. */
  undelivered(handle: string): readonly Message[];
  /** How many authenticated sockets are open, of one agent or of all. A half-open one counts until it is noticed. */
  connections(handle?: string): number;

  /**
   * Closes the port and every connection, and comes back on the same port with everything that was stored. Faults and
   * limits stay as they are.
   *
   * @throws ConnectionError when the server is closed already. A close that comes in between just ends it.
   */
  restart(options?: RestartOptions): Promise<void>;
  /**
   * Ends the server for good: no handle of it is left. Harmless when repeated.
   *
   * @throws StoreError when the last changes could not be written into the data folder.
   */
  close(): Promise<void>;
}

/**
 * Starts a stand-in for the AgentChat service on 127.0.0.1: real HTTP, real WebSockets, no account, no network. It
 * forgets everything when it is closed, unless it has a data folder.
 *
 * Drawbacks: it is as strict as the documentation, not as the real service; what the documentation leaves open it
 * answers in one way of several.
 *
 * @example
 * const server = await startLocalServer();
 * const alice = server.createAgent('alice');
 * const client = new AgentChatClient({ apiKey: alice.apiKey, baseUrl: server.url });
 * // ...
 * await server.close();
 * @throws ValidationError that names the option, or the line of a file to import; the system's error when the port is in use.
 * @throws StoreError of a data folder: `owned` while another server has it, `newer`, `corrupt`, `read_only`; `refused` when it
 * holds something else, or `lmdb` is not installed.
 */
export async function startLocalServer(options: LocalServerOptions = {}): Promise<LocalServer> {
  const checked = checkOptions(options);
  const start = await begin(checked);
  try {
    return await serve(checked, start);
  } catch (error) {
    await start.keeper.close();
    throw error;
  }
}

/** Everything that a server is around its world. */
async function serve(checked: CheckedOptions, { world, keeper, secret }: Beginning): Promise<LocalServer> {
  const plan = new FaultPlan(checked.seed);
  const shutOut = new ShutOut();
  const hub = new Hub(world, checked.echoOwnMessages, checked.pushTo);
  const log = checked.log ?? (() => undefined);
  const courier = new Courier(world, {
    scheduleMs: checked.webhookScheduleMs,
    timeoutMs: checked.webhookTimeoutMs,
    log,
  });
  const pushes = new Broadcast(hub, courier);
  const faults = createFaults(plan, shutOut, hub);
  faults.set(checked.faults);
  const operator = new Operator(world, hub);
  const gate = new Gate({
    world,
    keeper,
    hub,
    pushes,
    faults: plan,
    shutOut,
    ackMode: checked.ackMode,
    heartbeat: { intervalMs: checked.heartbeatIntervalMs, timeoutMs: checked.heartbeatTimeoutMs },
    helloDeadlineMs: checked.helloDeadlineMs,
    log,
  });
  const router = new Router({ world, keeper, pushes, faults: plan, shutOut, resources, log: checked.log });
  const running = new Running(new Listener(router, gate));
  const seeded = seed(world, operator, checked.agents, secret);
  await keeper.saved();
  const webhooks = createWebhookControls(world, courier);
  // Of this launch, and to be foreseen by nobody, also where ids follow from a seed.
  const token = new IdSource().signature();
  router.mount(new Control(token, { faults, operator, webhooks, running }, keeper));
  const port = await running.open(checked.port);
  courier.resume();

  let closing: Promise<void> | undefined;
  const end = async () => {
    courier.close();
    await running.close();
    await keeper.close();
  };
  const close = () => {
    closing ??= end();
    return closing;
  };

  return {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    port,
    seed: checked.seed,
    seeded,
    faults,
    webhooks,
    control: { url: `http://127.0.0.1:${port}${CONTROL_PATH}`, token },
    get agents() {
      return operator.agents();
    },
    createAgent: (handle, agent) => operator.createAgent(handle, agent),
    oneTimeCode: (pendingId) => world.codes.codeOf(pendingId, world.now()),
    rotateKey: (handle, how) => operator.rotateKey(handle, how),
    deleteAgent: (handle) => operator.deleteAgent(handle),
    pause: (handle, mode) => operator.pause(handle, mode),
    setStatus: (handle, status) => operator.setStatus(handle, status),
    mute: (handle, target, until) => operator.mute(handle, target, until),
    unmute: (handle, target) => operator.unmute(handle, target),
    exportTo: async (path) => exportTo(world, checkPath(path)),
    whenSaved: () => keeper.saved(),
    messagesOf: (conversationId) => operator.messagesOf(conversationId),
    allMessages: () => operator.allMessages(),
    undelivered: (handle) => operator.undelivered(handle),
    connections: (handle) => hub.count(handle),
    restart: async (how = {}) => running.restart(checkRestart(how)),
    close,
    [Symbol.asyncDispose]: close,
  };
}
