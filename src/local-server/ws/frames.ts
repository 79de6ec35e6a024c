import type { Message, ServerEventFrame } from '../../wire/index.js';

/** An event on its way to one or several sockets. Written out once, when the first socket wants it. */
export class OutgoingFrame {
  readonly event: ServerEventFrame;
  #text: string | undefined;

  constructor(event: ServerEventFrame) {
    this.event = event;
  }

  get text(): string {
    this.#text ??= JSON.stringify(this.event);
    return this.#text;
  }
}

/** The same frame live and as backlog: without a delivery cursor and without any recipient's status. */
export function messageFrame(message: Message): OutgoingFrame {
  return new OutgoingFrame({ type: 'message.new', payload: message });
}
