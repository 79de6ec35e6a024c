import type { Message } from '../../src/wire/index.js';
import { Aftermath } from './aftermath.js';
import { Bot } from './bot.js';
import type { HowAcked } from './model-service.js';
import type { Action, Answer, Schedule } from './schedule.js';
import { BOT, isOwed, keyOf, PEER, type Stored } from './stored.js';
import { World } from './world.js';

export interface RunResult {
  readonly violations: readonly string[];
  /** Empty unless the run was traced. */
  readonly trace: readonly string[];
  readonly handled: number;
  readonly sent: number;
}

/** How long the bot's process is away when it is started anew. */
const RESTART_MS = 1_000;

/** One schedule, carried out: what happens to the bot, and what becomes of it afterwards. */
class Simulation {
  private readonly world: World;
  private bot: Bot;
  /** The one reply to each message, however often its handler runs: its id is derived from the message. */
  private readonly replies = new Map<string, Stored>();

  constructor(
    private readonly schedule: Schedule,
    traced: boolean,
  ) {
    this.world = new World(schedule, traced, (stored, how) => this.excuse(stored, how));
    this.bot = this.begin();
    this.world.clock.onStep = () => this.check();
  }

  async run(): Promise<RunResult> {
    const { facts, service } = this.world;
    try {
      await this.perform();
    } catch (error) {
      facts.object('THROWN', error instanceof Error ? String(error.stack) : String(error));
    }
    const { violations, trace, handled } = facts;
    return { violations, trace, handled: handled.size, sent: service.inbox.length };
  }

  private async perform(): Promise<void> {
    const { clock, facts } = this.world;
    for (const action of this.schedule.actions) {
      if (action.at > clock.now()) await clock.advanceTo(action.at);
      facts.note(() => `action   ${JSON.stringify(action)}`);
      await this.act(action);
      if (facts.isBroken) return;
    }
    await new Aftermath(this.world, this.bot, () => this.crash(RESTART_MS).then(() => this.bot)).run();
  }

  private begin(): Bot {
    const bot: Bot = new Bot(this.world, (message) => this.reply(bot, message));
    bot.connect();
    return bot;
  }

  /** The invariants that hold at every moment. */
  private check(): void {
    const { facts, connectionWitness, handlerWitness, memoryWitness } = this.world;
    if (facts.isBroken) return;
    connectionWitness.check();
    handlerWitness.check();
    if (this.bot.clock.isAlive) memoryWitness.check(this.bot.client.explain().totals);
  }

  // -- what happens -----------------------------------------------------------------------------------------------

  private act(action: Action): Promise<void> | void {
    const { service, network, rest, store } = this.world;
    switch (action.kind) {
      case 'burst':
        return this.burst(action);
      case 'own-send':
        return this.ownSend(action);
      case 'crash':
        return this.crash(action.downMs);
      case 'freeze':
        return this.freeze(action.ms);
      case 'stop':
        return this.bot.stop(action.deadlineMs, action.pauseMs);
      case 'churn':
        return this.churn(action.times);
      case 'ask':
        return this.bot.ask();
      case 'send':
        return this.sent(service.send(action.conversation, PEER));
      case 'notice':
        return this.sent(service.notice(action.conversation));
      case 'twin':
        // What was delivered beside the order is told by its id alone.
        if (this.schedule.bounds.absurdSeqDistance === undefined)
          service.twin(action.conversation, action.back);
        return;
      case 'phantom':
        // Only a conversation that has a place can tell what is far off.
        if (this.world.handlerWitness.hasSeen(`conv_${action.conversation}`))
          service.phantom(action.conversation, action.above);
        return;
      case 'jump':
        return service.jump(action.conversation, action.by);
      case 'hide':
        service.hideLast(action.conversation);
        return;
      case 'mute':
        return service.mute(action.conversation, action.on);
      case 'pause':
        return service.pause(action.on);
      case 'drop-next':
        network.dropNext = action.count;
        return;
      case 'cut':
        return network.cut();
      case 'half-open':
        return network.halfOpen();
      case 'restart':
        return network.goDown(action.downMs);
      case 'network':
        network.mode = action.mode;
        return;
      case 'pings':
        network.swallowsPings = !action.answered;
        return;
      case 'reader':
        network.readingMs = action.frameMs;
        return;
      case 'door':
        network.door = action.mode;
        return;
      case 'rest':
        rest.mode = action.mode;
        return;
      case 'store':
        store.mode = action.mode;
        return;
      case 'handler':
        this.world.handlerMode = action.mode;
        return;
    }
  }

  private sent(stored: Stored): void {
    this.world.facts.note(() => `sent     ${stored.message.id} ${keyOf(stored.message)}`);
  }

  private burst({ conversation, count, lose }: Extract<Action, { kind: 'burst' }>): void {
    const { service, network } = this.world;
    const lost = { none: -1, first: 0, middle: count >> 1, last: count - 1 }[lose];
    for (let n = 0; n < count; n += 1) {
      if (n === lost) network.dropNext += 1;
      this.sent(service.send(conversation, PEER));
    }
  }

  private ownSend({ conversation, answer, crossing }: Extract<Action, { kind: 'own-send' }>): void {
    const { service, network } = this.world;
    if (crossing) {
      network.dropNext += 1;
      this.sent(service.send(conversation, PEER));
    }
    const stored = service.send(conversation, BOT);
    this.sent(stored);
    this.respond(this.bot, stored.message, answer, () => {});
  }

  /** GAP-5: the response to a send of ours comes when it comes. */
  private respond(bot: Bot, message: Message, answer: Answer, onResponse: () => void): void {
    const { clock, rng } = this.world;
    if (answer === 'lost') return;
    const come = () => {
      bot.source.sent(message);
      onResponse();
    };
    clock.setTimer(come, answer === 'early' ? 1 : rng.int(500, 6_000), 'background');
  }

  private reply(bot: Bot, message: Message): Promise<void> {
    const { service, rng, clock } = this.world;
    const key = keyOf(message);
    const stored = this.replies.get(key) ?? service.send(Number(message.conversation_id.slice(5)), BOT);
    this.replies.set(key, stored);
    const answer = rng.pick(['early', 'early', 'late', 'lost'] as const);
    return new Promise((resolve, reject) => {
      this.respond(bot, stored.message, answer, resolve);
      if (answer === 'lost') clock.setTimer(() => reject(new Error('no response')), 3_000, 'background');
    });
  }

  private async churn(times: number): Promise<void> {
    for (let n = 0; n < times; n += 1) {
      this.bot.stop(0, 0);
      await this.world.clock.advance(120);
    }
  }

  private freeze(ms: number): void {
    this.world.clock.freeze(ms);
    this.world.connectionWitness.froze(ms);
  }

  private async crash(downMs: number): Promise<void> {
    const { network, clock } = this.world;
    this.bot.kill();
    network.peerDied();
    this.excuseAtCrash();
    await clock.advance(downMs);
    this.bot = this.begin();
  }

  // -- what is beyond any client ------------------------------------------------------------------------------------

  /** Without acks the service forgets a message once it has written it to a socket. */
  private excuse({ message, writtenAt }: Stored, how: HowAcked): void {
    if (how !== 'write') return;
    const { facts } = this.world;
    // Nothing betrays the loss of a message without a seq, and nobody can be asked without REST.
    const isBeyondReach = message.seq === undefined || !this.schedule.hasRest;
    // A backlog that was written before we had ever been connected is lost with its socket.
    if (isBeyondReach || writtenAt < this.bot.connectedAt) facts.excused.add(keyOf(message));
  }

  /**
   * What a dead process had been written and had not handled. Only a stored cursor says where to look, and with acks
   * from the first session on nobody does.
   */
  private excuseAtCrash(): void {
    if (this.schedule.acks === 'ack') return;
    const { facts, service, ackWitness } = this.world;
    for (const stored of service.inbox) {
      const { message, state } = stored;
      if (!isOwed(stored) || state !== 'delivered') continue;
      const cursor = ackWitness.cursorOf(message.conversation_id);
      const isSought = this.schedule.acks === 'legacy' && cursor !== undefined;
      if (!isSought || message.seq === undefined || message.seq < cursor.floor)
        facts.excused.add(keyOf(message));
    }
  }
}

/** Runs a schedule to its end, or to the first broken rule. Traced runs take longer and are the same. */
export async function run(schedule: Schedule, { traced = false } = {}): Promise<RunResult> {
  const { stackTraceLimit } = Error;
  // Thousands of errors are made in trouble, and nobody reads where.
  if (!traced) Error.stackTraceLimit = 0;
  try {
    return await new Simulation(schedule, traced).run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
