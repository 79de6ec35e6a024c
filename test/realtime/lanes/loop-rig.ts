import type { AgentChatClientError } from '../../../src/errors/index.js';
import type { MessageIterator, ReceivedMessage } from '../../../src/realtime/index.js';
import { ClientRig } from '../client-rig.js';

/** What became of a `next()`, without waiting for it. */
export class Asked {
  outcome: 'waiting' | 'message' | 'done' | 'rejected' = 'waiting';
  error: unknown;
  private message: ReceivedMessage | null = null;

  constructor(loop: MessageIterator) {
    loop.next().then(
      ({ done, value }) => {
        this.outcome = done ? 'done' : 'message';
        this.message = value ?? null;
      },
      (error: unknown) => {
        this.outcome = 'rejected';
        this.error = error;
      },
    );
  }

  get event(): ReceivedMessage {
    if (this.message === null) throw new Error(`no message was given: ${this.outcome}`);
    return this.message;
  }

  get id(): string {
    return this.event.payload.id;
  }
}

/** A client whose messages are taken by loops. */
export class LoopRig extends ClientRig {
  /** Asks the loop for its next message, and lets everything happen that is ready. */
  async ask(loop: MessageIterator): Promise<Asked> {
    const asked = new Asked(loop);
    await this.clock.settle();
    return asked;
  }

  /** `disconnect()`, to its end. The peer answers the close. */
  async stopped(deadlineMs = 1_000): Promise<void> {
    const stopping = this.client.disconnect({ deadlineMs });
    await this.clock.advance(deadlineMs + 1_000);
    await stopping;
  }

  /** The ids of the acknowledgements that were written, on all sockets. */
  get acked(): string[] {
    return this.network.sockets
      .flatMap(({ sent }) => sent)
      .map((text) => JSON.parse(text) as { type: string; message_id: string })
      .filter(({ type }) => type === 'ack')
      .map(({ message_id }) => message_id);
  }

  get codes(): AgentChatClientError['code'][] {
    return this.errors.map(({ code }) => code);
  }
}
