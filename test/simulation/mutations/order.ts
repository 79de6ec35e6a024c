import type { Mutation } from './mutation.js';

/** Rules of the order. */
export const ORDER: readonly Mutation[] = [
  {
    rule: 'ORD-1',
    name: 'start the next message of a lane while one is at work',
    file: 'lanes/lane.ts',
    text: "    if (this.state !== 'idle') {\n      this.joined(arrival);",
    instead: "    if (this.state !== 'idle' && this.state !== 'running') {\n      this.joined(arrival);",
  },
  {
    rule: 'ORD-1',
    name: 'take no notice of how many slots there are',
    file: 'lanes/lanes.ts',
    text: 'this.slots.taken >= this.options.bounds.concurrency',
    instead: 'false',
  },
  {
    rule: 'ORD-1',
    name: 'never give the slot of a slow handler to others',
    file: 'lanes/slots.ts',
    text: 'if (forMs < this.slowMs || this.slow.has(holder)) continue;',
    instead: 'if (forMs >= 0) continue;',
  },
  {
    rule: 'ORD-1',
    name: 'a live frame does not wait for those before it',
    file: 'order/sequencer.ts',
    text: 'message.seq !== conversation.expected ||\n      !lanes.immediate',
    instead: 'message.seq < conversation.expected ||\n      !lanes.immediate',
  },
  {
    rule: 'ORD-2',
    name: 'forget the position of idle conversations when a session ends',
    file: 'engine.ts',
    text: '  sessionEnded(): void {\n    this.acknowledger.frameAcks.sessionEnded();',
    instead:
      '  sessionEnded(): void {\n    const { byId } = this.order.conversations;\n    for (let at = 0; at < byId.places; at += 1)\n      if (byId.at(at)?.busy === null) byId.delete(byId.at(at).id);\n    this.acknowledger.frameAcks.sessionEnded();',
  },
  {
    rule: 'ORD-2',
    name: 'remember idle conversations without a bound',
    file: 'order/conversations.ts',
    text: 'if (byId.size <= this.capacity) return;',
    instead: 'if (byId.size <= 1e9) return;',
  },
  {
    rule: 'ORD-2',
    name: 'an idle conversation is forgotten at once',
    file: 'order/conversations.ts',
    text: 'else this.trim(null);',
    instead: 'else this.byId.delete(busy.id);',
  },
  {
    rule: 'ORD-3',
    name: 'begin a conversation at the first seq that is seen',
    file: 'order/arriving.ts',
    text: 'if (anchors || seq <= 1) sequence.mayStartAt',
    instead: 'if (anchors || seq >= 0) sequence.mayStartAt',
  },
  {
    rule: 'ORD-3',
    name: 'take an unknown lower seq for a duplicate',
    file: 'order/arriving.ts',
    text: 'const unheardOf = seq < conversation.floor && outstanding?.early.has(seq) !== true;',
    instead: 'const unheardOf = false;',
  },
  {
    rule: 'ORD-3',
    name: 'begin without the store when it cannot be read',
    file: 'acking/keeper.ts',
    text: '      this.listener.onError(storeError(what, error));\n      return { final: false, retryAfterMs: 0 };',
    instead: "      return { final: what === 'load', retryAfterMs: 0 };",
  },
];
