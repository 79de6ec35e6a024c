import type { AgentChatClientError } from '../../src/errors/index.js';
import { RealtimeClient, type RealtimeOptions } from '../../src/realtime/index.js';
import type { Message } from '../../src/wire/index.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { FakeSource } from './catchup/engine-rig.js';
import { FakeNetwork, type FakeSocket } from './connection/support.js';

/** The whole client in virtual time, on fake sockets and a fake source. */
export class ClientRig {
  readonly clock = new VirtualClock();
  readonly network = new FakeNetwork();
  readonly source = new FakeSource();
  readonly errors: AgentChatClientError[] = [];
  readonly client: RealtimeClient;

  /** `listens`: to errors, so that they are not written to the console. */
  constructor(options: Partial<RealtimeOptions> = {}, listens = true) {
    const { clock, network, source } = this;
    this.client = new RealtimeClient({
      apiKey: 'ac_test_key',
      baseUrl: 'http://127.0.0.1:1',
      client: source,
      handle: 'me',
      clock,
      openSocket: network.openSocket,
      ...options,
    });
    if (listens) this.client.onError((error) => this.errors.push(error));
  }

  /** Opens the latest socket and says `hello.ok`. */
  async accept(capabilities: unknown = ['ack']): Promise<FakeSocket> {
    await this.clock.settle();
    const socket = this.network.last;
    // A live peer answers, however long the test lasts.
    socket.ping = () => socket.pong();
    socket.open();
    socket.helloOk(capabilities);
    await this.clock.settle();
    return socket;
  }

  async connected(): Promise<FakeSocket> {
    const connecting = this.client.connect();
    const socket = await this.accept();
    await connecting;
    return socket;
  }

  /** A `message.new` frame on the latest socket. */
  async frame(...messages: Message[]): Promise<void> {
    for (const payload of messages) this.network.last.frame({ type: 'message.new', payload });
    await this.clock.settle();
  }
}
