import { describe, expect, it } from 'vitest';
import { ConnectionError, UnauthorizedError } from '../../../src/errors/index.js';
import { DOUBTS_LAST_MS } from '../../../src/realtime/connection/refusals.js';
import { Machine } from './machine-driver.js';
import { bench, OWN_FORM, PROXY_PAGE, watchPromise } from './support.js';

const MINUTE = 60_000;

describe("RCN-3: a refusal that is not in the service's own form", () => {
  it.each([
    ['an HTML page', PROXY_PAGE],
    ['no body at all', {}],
    ['an empty body', { headers: {}, body: '' }],
    ['JSON without a code', { headers: { 'content-type': 'application/json' }, body: '{"error":"denied"}' }],
    ['JSON that is cut', { headers: { 'content-type': 'application/json' }, body: '{"code":"UNAUTH' }],
    ['our form in a page', { ...OWN_FORM, headers: { 'content-type': 'text/html' } }],
  ])('passes: %s', async (_, answer) => {
    for (const status of [401, 403]) {
      const { connection, clock, network, recorder, accept } = bench();
      const connecting = connection.connect();
      network.last.refuse(status, answer);
      expect(connection.state).toBe('waiting');
      expect(recorder.errors[0]).toBeInstanceOf(ConnectionError);
      expect(recorder.errors[0]).toMatchObject({ status, foreign: true, retryable: true });
      expect(recorder.errors[0]?.message).toContain('this refusal did not come from AgentChat');
      await clock.advanceUntil(() => network.sockets.length === 2);
      accept();
      await connecting;
    }
  });

  it.each([
    ['as JSON', OWN_FORM],
    ['under `error`', { ...OWN_FORM, body: `{"error":${OWN_FORM.body}}` }],
    ['without a type', { ...OWN_FORM, headers: {} }],
    [
      'as problem+json',
      { ...OWN_FORM, headers: { 'content-type': 'application/problem+json; charset=utf-8' } },
    ],
  ])("the service's own form is final: %s", async (_, answer) => {
    const { connection, clock, network, recorder } = bench();
    const connecting = watchPromise(connection.connect());
    network.last.refuse(401, answer);
    await clock.settle();
    expect(connecting.error).toBeInstanceOf(UnauthorizedError);
    expect(recorder.errors[0]?.message).toContain('"we do not know you"');
  });

  it('never shows the key that the service quotes', async () => {
    const { connection, network, recorder } = bench({ apiKey: 'a-verysecret-key' });
    watchPromise(connection.connect());
    network.last.refuse(403, { ...OWN_FORM, body: '{"code":"X","message":"no such key: a-verysecret-key"}' });
    expect(recorder.errors[0]?.message).toContain('no such key: ***');
    expect(JSON.stringify([recorder.errors, connection.insight()])).not.toContain('verysecret');
  });

  it('stands after half an hour of nothing else', async () => {
    const { connection, clock, network, recorder } = bench();
    const connecting = watchPromise(connection.connect());
    network.onOpenSocket = (socket) => queueMicrotask(() => socket.refuse(403, PROXY_PAGE));
    network.last.refuse(403, PROXY_PAGE);
    await clock.advance(DOUBTS_LAST_MS - MINUTE);
    expect(connecting.outcome).toBe('pending');
    await clock.advance(2 * MINUTE);
    expect(connection.state).toBe('idle');
    expect(connecting.error).toBeInstanceOf(ConnectionError);
    expect(connecting.error).toMatchObject({ status: 403, foreign: true, retryable: false });
    expect((connecting.error as Error).message).toMatch(/half an hour.*did not come from AgentChat.*baseUrl/);
    expect(recorder.errors.at(-1)).toMatchObject({ retryable: false });
    expect(clock.pendingTimers).toBe(0);
  });

  it('needs ten of them, too', () => {
    const machine = new Machine().opening();
    for (let round = 1; round < 10; round++) {
      machine.end({ kind: 'http', status: 403 });
      expect(machine.state.kind).toBe('waiting');
      machine.again().at(machine.now + 20 * MINUTE);
    }
    expect(machine.end({ kind: 'http', status: 403 }).effect('report').problem.kind).toBe('refused');
  });

  it('begins anew when anything else comes in between', () => {
    const machine = new Machine().opening();
    for (let round = 0; round < 20; round++) {
      for (let n = 0; n < 9; n++) {
        machine.end({ kind: 'http', status: 401 });
        machine.again().at(machine.now + 5 * MINUTE);
      }
      if (round % 2 === 0) machine.end({ kind: 'http', status: 502 });
      else machine.on({ type: 'opened', attempt: machine.attempt }).helloOk().closed(1006);
      machine.again();
    }
    expect(machine.state.kind).toBe('connecting');
  });

  it('a late 1008 stands after as long', () => {
    const machine = new Machine().opening();
    for (let round = 1; round < 10; round++) {
      machine
        .on({ type: 'opened', attempt: machine.attempt })
        .at(machine.now + 5_000)
        .closed(1008);
      expect(machine.state.kind).toBe('waiting');
      machine.again().at(machine.now + 5 * MINUTE);
    }
    machine
      .on({ type: 'opened', attempt: machine.attempt })
      .at(machine.now + 5_000)
      .closed(1008);
    expect(machine.effect('report').problem.kind).toBe('refused');
  });
});
