import { AgentChatClient } from 'agentchat-client';
import { type LocalServer, startLocalServer } from 'agentchat-client/local-server';
import { Child } from '../e2e/child.js';
import { mulberry32 } from '../support/mulberry32.js';
import { PostgresServer } from '../support/servers/postgres-server.js';
import { RedisServer } from '../support/servers/redis-server.js';
import type { ReplicaSetup, ReplicaTold } from './replica.js';

const REPLICA = new URL('./replica.ts', import.meta.url);

export interface ChaosOptions {
  readonly engine: 'postgres' | 'redis';
  readonly pushTo: 'all' | 'one';
  readonly seconds: number;
  readonly seed: number;
  /** Told of what happens. */
  readonly say?: (line: string) => void;
}

export interface ChaosResult {
  /** Broken promises, in words. */
  readonly violations: readonly string[];
  readonly sent: number;
  readonly replies: number;
  readonly kills: number;
  readonly stops: number;
  readonly restarts: number;
  readonly storeRestarts: number;
  /** From a SIGKILL until everything that was that replica's had another owner, in milliseconds. */
  readonly takeOversMs: readonly number[];
}

const REPLICAS = 3;
const CONVERSATIONS = 40;
const LEASE_MS = 2_000;
const SEND_EVERY_MS = 400;
const THINK_MS = 30;
/** How long it may take until all is answered when the trouble is over. */
const PATIENCE_MS = 60_000;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const now = () => performance.timeOrigin + performance.now();

/** A handler at work, from its begin until it ended, was aborted, or could not work any more. */
interface Work {
  readonly replica: string;
  readonly from: number;
  to: number;
}

/** A replica's process: what it has told, and what was done to it. */
class Member {
  isStopped = false;
  isGone = false;
  private haltedAt: number | null = null;
  private readonly open = new Map<string, Work>();
  readonly partitions = new Set<number>();
  private read = 0;

  constructor(
    readonly name: string,
    readonly child: Child<ReplicaTold>,
    private readonly log: WorkLog,
  ) {}

  /** Takes in what it has told since. */
  catchUp(): void {
    const { told } = this.child;
    for (; this.read < told.length; this.read += 1) this.take(told[this.read] as ReplicaTold);
  }

  /** It does nothing from now on: killed, or stopped. What it told before that may still be on its way. */
  halt(): void {
    this.catchUp();
    this.haltedAt = now();
    for (const work of this.open.values()) work.to = this.haltedAt;
    this.open.clear();
  }

  /** It goes on. */
  wake(): void {
    this.catchUp();
    this.haltedAt = null;
  }

  private take(told: ReplicaTold): void {
    if (told.kind === 'begun') {
      const work = { replica: this.name, from: told.at, to: this.haltedAt ?? Number.POSITIVE_INFINITY };
      if (this.haltedAt === null) this.open.set(told.id, work);
      this.log.add(told.conversation, work);
    } else if (told.kind === 'ended' || told.kind === 'aborted') {
      const work = this.open.get(told.id);
      if (work !== undefined) work.to = told.at;
      this.open.delete(told.id);
    } else if (told.kind === 'partition' && told.what === 'taken') {
      this.partitions.add(told.partition);
      this.log.taken(told.partition, told.at);
    } else if (told.kind === 'partition' && told.what === 'lost') {
      this.partitions.delete(told.partition);
    }
  }
}

/** Who worked at which conversation when, and when partitions were taken. */
class WorkLog {
  private readonly byConversation = new Map<string, Work[]>();
  private readonly takings: { readonly partition: number; readonly at: number }[] = [];

  add(conversation: string, work: Work): void {
    const works = this.byConversation.get(conversation);
    if (works === undefined) this.byConversation.set(conversation, [work]);
    else works.push(work);
  }

  taken(partition: number, at: number): void {
    this.takings.push({ partition, at });
  }

  /** When each of these partitions had been taken after `since`; null when one was not. */
  takenAgain(partitions: ReadonlySet<number>, since: number): number | null {
    let last = since;
    for (const partition of partitions) {
      const taking = this.takings.find((one) => one.partition === partition && one.at > since);
      if (taking === undefined) return null;
      last = Math.max(last, taking.at);
    }
    return last;
  }

  /** Conversations at which two replicas worked at one time. */
  overlaps(): string[] {
    const found: string[] = [];
    for (const [conversation, works] of this.byConversation) {
      const sorted = works.toSorted((a, b) => a.from - b.from);
      for (const [place, work] of sorted.entries()) {
        for (const later of sorted.slice(place + 1)) {
          if (later.from >= work.to || later.replica === work.replica) continue;
          found.push(
            `${work.replica} and ${later.replica} worked at ${conversation} at one time, for ${Math.round(Math.min(work.to, later.to) - later.from)} ms`,
          );
        }
      }
    }
    return found;
  }
}

/** Three replicas on a real store, while processes are killed, stopped and restarted, and the store too. */
export class Chaos {
  private readonly random: () => number;
  private readonly members: Member[] = [];
  private readonly log = new WorkLog();
  private names = 0;
  private sent = 0;
  private kills = 0;
  private stops = 0;
  private restarts = 0;
  private storeRestarts = 0;
  private readonly killed: { readonly partitions: ReadonlySet<number>; readonly at: number }[] = [];

  private constructor(
    private readonly options: ChaosOptions,
    private readonly server: LocalServer,
    private readonly store: PostgresServer | RedisServer,
    private readonly apiKey: string,
    private readonly senders: readonly { readonly handle: string; readonly client: AgentChatClient }[],
  ) {
    this.random = mulberry32(options.seed);
  }

  static async run(options: ChaosOptions): Promise<ChaosResult> {
    // A Redis that forgets its leases in a restart has two owners for a while: docs/replicas.md says so.
    const store =
      options.engine === 'postgres'
        ? await PostgresServer.start()
        : await RedisServer.start({ persistence: 'always' });
    const server = await startLocalServer({ port: 0, limits: 'off', pushTo: options.pushTo });
    try {
      const { apiKey } = server.createAgent('bot');
      const senders = Array.from({ length: CONVERSATIONS }, (_, n) => {
        const handle = `sender-${n + 1}`;
        return {
          handle,
          client: new AgentChatClient({ apiKey: server.createAgent(handle).apiKey, baseUrl: server.url }),
        };
      });
      const chaos = new Chaos(options, server, store, apiKey, senders);
      try {
        return await chaos.go();
      } finally {
        await Promise.all(chaos.members.map(({ child }) => child.end()));
      }
    } finally {
      await server.close();
      await store.remove();
    }
  }

  private async go(): Promise<ChaosResult> {
    for (let n = 0; n < REPLICAS; n += 1) await this.start();
    const until = now() + this.options.seconds * 1_000;
    await Promise.all([...this.senders.map((sender) => this.send(sender, until)), this.trouble(until)]);
    for (const member of this.running()) this.wake(member);
    const violations = await this.settle();
    for (const member of this.members) member.catchUp();
    violations.push(...this.log.overlaps());
    const takeOversMs = this.killed.flatMap(({ partitions, at }) => {
      const taken = this.log.takenAgain(partitions, at);
      return taken === null ? [] : [Math.round(taken - at)];
    });
    const { sent, kills, stops, restarts, storeRestarts } = this;
    return {
      violations,
      sent,
      replies: this.replies().length,
      kills,
      stops,
      restarts,
      storeRestarts,
      takeOversMs,
    };
  }

  private running(): Member[] {
    return this.members.filter(({ isGone }) => !isGone);
  }

  private async start(): Promise<void> {
    this.names += 1;
    const name = `replica-${this.names}`;
    const { engine } = this.options;
    const setup: ReplicaSetup = {
      name,
      engine,
      storeUrl: this.store.url(),
      baseUrl: this.server.url,
      apiKey: this.apiKey,
      leaseMs: LEASE_MS,
      thinkMs: THINK_MS,
    };
    this.members.push(new Member(name, await Child.start<ReplicaTold>(REPLICA, setup), this.log));
  }

  private async send(
    { handle, client }: { handle: string; client: AgentChatClient },
    until: number,
  ): Promise<void> {
    for (let n = 1; now() < until; n += 1) {
      await client.sendMessage({ to: 'bot', content: { text: `${handle} ${n}` } });
      this.sent += 1;
      await sleep(SEND_EVERY_MS * (0.5 + Math.random()));
    }
  }

  private async trouble(until: number): Promise<void> {
    while (now() < until) {
      await sleep(500 + this.random() * 1_500);
      for (const member of this.members) member.catchUp();
      const awake = this.running().filter(({ isStopped }) => !isStopped);
      const member = awake[Math.floor(this.random() * awake.length)];
      if (member === undefined) continue;
      const roll = this.random();
      // One is left that may work.
      if (roll < 0.3 && awake.length > 1) await this.kill(member);
      else if (roll < 0.6 && awake.length > 1) this.stopFor(member, LEASE_MS * (1.2 + this.random()));
      else if (roll < 0.85) await this.restart(member);
      else await this.restartStore();
    }
  }

  private async kill(member: Member): Promise<void> {
    this.kills += 1;
    this.options.say?.(`SIGKILL ${member.name}`);
    member.catchUp();
    this.killed.push({ partitions: new Set(member.partitions), at: now() });
    member.isGone = true;
    await member.child.end();
    member.halt();
    await this.start();
  }

  private stopFor(member: Member, ms: number): void {
    this.stops += 1;
    this.options.say?.(`SIGSTOP ${member.name} for ${Math.round(ms)} ms`);
    member.child.signal('SIGSTOP');
    member.isStopped = true;
    member.halt();
    void sleep(ms).then(() => this.wake(member));
  }

  private wake(member: Member): void {
    if (!member.isStopped || member.isGone) return;
    member.isStopped = false;
    member.wake();
    member.child.signal('SIGCONT');
  }

  private async restart(member: Member): Promise<void> {
    this.restarts += 1;
    this.options.say?.(`restart of ${member.name}`);
    member.child.signal('SIGTERM');
    member.isGone = true;
    await Promise.race([member.child.exit, sleep(12_000)]);
    member.halt();
    await this.start();
  }

  private async restartStore(): Promise<void> {
    this.storeRestarts += 1;
    this.options.say?.('restart of the store');
    await this.store.restart();
  }

  private replies(): readonly { readonly to: string; readonly text: string }[] {
    return this.server
      .allMessages()
      .filter(({ sender }) => sender === 'bot')
      .map(({ content }) => ({ to: '', text: String(content.text) }));
  }

  /** Waits until all is answered, and says what is not as it should be. */
  private async settle(): Promise<string[]> {
    const from = now();
    while (this.replies().length < this.sent && now() - from < PATIENCE_MS) await sleep(100);
    const violations: string[] = [];
    const texts = this.replies().map(({ text }) => text);
    for (const { handle } of this.senders) {
      const own = texts
        .filter((text) => text.startsWith(`re: ${handle} `))
        .map((text) => Number(text.split(' ').at(-1)));
      const sentBy = this.server.allMessages().filter(({ sender }) => sender === handle).length;
      const missing = Array.from({ length: sentBy }, (_, n) => n + 1).filter((n) => !own.includes(n));
      if (missing.length > 0) violations.push(`LOST: no reply to ${handle}: ${missing.join(', ')}`);
      if (new Set(own).size !== own.length) violations.push(`TWICE: two replies to one message of ${handle}`);
      if (own.some((n, place) => place > 0 && n < (own[place - 1] ?? 0)))
        violations.push(`ORDER: ${handle}: ${own.join(', ')}`);
    }
    return violations;
  }
}
