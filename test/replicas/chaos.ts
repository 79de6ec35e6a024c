import { setTimeout } from 'node:timers/promises';
import { AgentChatClient } from 'agentchat-client';
import { type LocalServer, startLocalServer } from 'agentchat-client/local-server';
import { mulberry32 } from '../support/mulberry32.js';
import { Fleet, type TroubleCounts } from '../support/replicas/fleet.js';
import { now } from '../support/replicas/now.js';
import { STORE_SERVERS, type StoreName, type StoreServer } from '../support/servers/store-servers.js';

export interface ChaosOptions {
  readonly engine: StoreName;
  readonly pushTo: 'all' | 'one';
  readonly seconds: number;
  readonly seed: number;
  /** Told of what happens. */
  readonly say?: (line: string) => void;
}

export interface ChaosResult extends TroubleCounts {
  /** Broken promises, in words. */
  readonly violations: readonly string[];
  readonly sent: number;
  readonly replies: number;
  /** From a SIGKILL until everything that was that replica's had another owner, in milliseconds. */
  readonly takeOversMs: readonly number[];
  /** What the replicas reported, with the second in which they did. */
  readonly reports: readonly string[];
}

const REPLICAS = 3;
const CONVERSATIONS = 40;
const LEASE_MS = 2_000;
const SEND_EVERY_MS = 400;
const THINK_MS = 30;
/** How long it may take until all is answered when the trouble is over. */
const PATIENCE_MS = 60_000;

/** Three replicas on a real store, while processes are killed, stopped and restarted, and the store too. */
export class Chaos {
  private readonly fleet: Fleet;
  private readonly reports: string[] = [];
  private readonly startedAt = now();
  private sent = 0;

  private constructor(
    private readonly options: ChaosOptions,
    private readonly server: LocalServer,
    store: StoreServer,
    apiKey: string,
    private readonly senders: readonly { readonly handle: string; readonly client: AgentChatClient }[],
  ) {
    this.fleet = new Fleet({
      setup: {
        store: { engine: options.engine, address: { url: store.url() }, agent: 'bot' },
        baseUrl: server.url,
        handle: 'bot',
        apiKey,
        leaseMs: LEASE_MS,
        thinkMs: THINK_MS,
      },
      restartStore: () => store.restart(),
      random: mulberry32(options.seed),
      say: options.say,
      hear: (replica, told) => {
        if (told.kind !== 'reported') return;
        this.reports.push(`${((told.at - this.startedAt) / 1_000).toFixed(1)} s, ${replica}: ${told.words}`);
      },
    });
  }

  static async run(options: ChaosOptions): Promise<ChaosResult> {
    const store = await STORE_SERVERS[options.engine].start();
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
        await chaos.fleet.end();
      }
    } finally {
      await server.close();
      await store.remove();
    }
  }

  private async go(): Promise<ChaosResult> {
    for (let n = 0; n < REPLICAS; n += 1) await this.fleet.start();
    const over = AbortSignal.timeout(this.options.seconds * 1_000);
    await Promise.all([...this.senders.map((sender) => this.send(sender, over)), this.fleet.trouble(over)]);
    const violations = await this.settle();
    violations.push(...this.fleet.overlaps());
    return {
      violations,
      sent: this.sent,
      replies: this.replies().length,
      ...this.fleet.counts,
      takeOversMs: this.fleet.takeOversMs(),
      reports: this.reports,
    };
  }

  private async send(
    { handle, client }: { handle: string; client: AgentChatClient },
    over: AbortSignal,
  ): Promise<void> {
    for (let n = 1; !over.aborted; n += 1) {
      await client.sendMessage({ to: 'bot', content: { text: `${handle} ${n}` } });
      this.sent += 1;
      await setTimeout(SEND_EVERY_MS * (0.5 + Math.random()));
    }
  }

  private replies(): readonly string[] {
    return this.server
      .allMessages()
      .filter(({ sender }) => sender === 'bot')
      .map(({ content }) => String(content.text));
  }

  /** Waits until all is answered, and says what is not as it should be. */
  private async settle(): Promise<string[]> {
    const from = now();
    while (this.replies().length < this.sent && now() - from < PATIENCE_MS) await setTimeout(100);
    const violations: string[] = [];
    const texts = this.replies();
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
