import { startLocalServer } from '../../../src/local-server/index.js';
import { ACK, agent, connect } from '../kit.js';
import { WebhookSink } from '../webhook-sink.js';

/** Kinds of handles that a program has without doing anything: its standard streams. */
const OWN = /^(?:TTYWrap|PipeWrap|FSReqCallback|CloseReq)$/;

const server = await startLocalServer({
  faults: { reorderFrames: 0.5, delayFrames: { rate: 0.5, minMs: 1e6, maxMs: 1e6 } },
});
const alice = agent(server, 'alice');
const sockets = [await connect(agent(server, 'bob'), ACK), await connect(agent(server, 'carol'))];
server.faults.next('restStall', { ms: 600_000 });
const stalled = alice.send('bob', 'stalled').catch(() => undefined);
for (let number = 0; number < 20; number += 1) await alice.send(number % 2 === 0 ? 'bob' : 'carol', 'hi');
server.faults.halfOpen('carol');
await server.restart();
await connect(alice);
// One delivery that nobody answers, one that waits for its second attempt, one that was made.
const sink = await WebhookSink.open();
await alice.call('POST', '/v1/webhooks', { url: sink.url, events: ['group.deleted'] });
sink.react([200, 500, () => undefined]);
for (let number = 1; number <= 3; number += 1) {
  server.webhooks.trigger('alice', 'group.deleted', { number });
  await sink.got(number);
}
await server.close();
await sink.close();
await stalled;
await Promise.all(sockets.map(({ closed }) => closed));
// What was closed a moment ago is gone after a turn of the loop or two.
for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
const handles = process.getActiveResourcesInfo().filter((kind) => !OWN.test(kind));
console.log(`closed with ${handles.length} handles`, ...handles);
