import { describe, expect, it } from 'vitest';
import { TimeoutError, ValidationError } from '../../../src/errors/index.js';
import { missesThatCover } from '../../../src/realtime/connection/deadlines.js';
import type { RealtimeOptions } from '../../../src/realtime/index.js';
import { Machine } from './machine-driver.js';
import { bench, connected, settingsFor } from './support.js';

/** REST that is there, and is not asked anything here. */
const client = {} as NonNullable<RealtimeOptions['client']>;

/** The deadline that runs now. */
const deadline = (machine: Machine) => machine.effect('timer').delayMs;
const opened = (machine: Machine) => machine.on({ type: 'opened', attempt: machine.attempt });
/** The deadline that runs is missed, and the next attempt begins. */
function miss(machine: Machine): Machine {
  return machine
    .at(machine.now + deadline(machine))
    .fire()
    .again();
}

describe('LIVE-3: deadlines that learn', () => {
  it('4, 8, 16 and 30 s to open', () => {
    const machine = new Machine().opening();
    const waits = Array.from({ length: 6 }, () => {
      const wait = deadline(machine);
      miss(machine);
      return wait;
    });
    expect(waits).toEqual([4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('4, 8, 16 and 30 s for hello.ok, whatever opening took', () => {
    const machine = new Machine().opening();
    const waits = Array.from({ length: 5 }, () => {
      const wait = deadline(opened(machine));
      miss(machine);
      return wait;
    });
    expect(waits).toEqual([4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(deadline(machine)).toBe(4_000);
  });

  it('a failure of another kind changes nothing, and neither does a stop', () => {
    const machine = new Machine().opening();
    miss(opened(machine));
    machine.closed(1006).again();
    machine.on({ type: 'close' }).opening();
    expect(deadline(opened(machine))).toBe(8_000);
  });

  it('a success brings them back to what allows for it', () => {
    const machine = new Machine().opening();
    for (let n = 0; n < 3; n++) miss(opened(machine));
    const sessionAfter = (ms: number) => {
      opened(machine)
        .at(machine.now + ms)
        .helloOk()
        .closed(1006)
        .again();
      return machine.state.memory.misses.hello;
    };
    expect(sessionAfter(4_500)).toBe(1);
    expect(sessionAfter(4_500)).toBe(1);
    expect(deadline(opened(machine))).toBe(8_000);
    machine
      .at(machine.now + 100)
      .helloOk()
      .closed(1006)
      .again();
    expect(deadline(opened(machine))).toBe(4_000);
    expect(missesThatCover(4_000, 3, 4_000)).toBe(0);
    expect(missesThatCover(60_000, 3, 4_000)).toBe(3);
  });

  it('an opening that is slow, too', () => {
    const machine = new Machine().opening();
    miss(machine);
    miss(machine);
    opened(machine.at(machine.now + 5_000))
      .closed(1006)
      .again();
    expect(deadline(machine)).toBe(8_000);
  });

  it('a first deadline beyond 30 s stays what it is', () => {
    const machine = new Machine({ openTimeoutMs: 45_000 }).opening();
    expect(deadline(miss(machine))).toBe(45_000);
  });

  it('a key function has its own 10 s', () => {
    const machine = new Machine({ keySource: 'function' }).on({ type: 'connect' });
    expect(deadline(machine)).toBe(10_000);
  });

  it('a service that needs 4.5 s is reached with the second attempt, and with the first from then on', async () => {
    const { connection, clock, network, recorder } = bench();
    network.onOpenSocket = (socket) => {
      clock.setTimer(() => socket.open(), 10);
      clock.setTimer(() => socket.state === 'open' && socket.helloOk(), 4_510);
    };
    const connecting = connection.connect();
    await clock.advance(20_000);
    await connecting;
    expect(network.sockets).toHaveLength(2);
    expect(recorder.errors).toHaveLength(1);
    expect(recorder.errors[0]).toBeInstanceOf(TimeoutError);
    for (let session = 2; session < 5; session++) {
      network.last.end();
      await clock.advance(20_000);
      expect(recorder.sessions).toHaveLength(session);
    }
    expect(network.sockets).toHaveLength(5);
    expect(recorder.errors).toHaveLength(1);
  });

  it('are options', () => {
    const { machine, liveness } = settingsFor({ openTimeoutMs: 1, helloTimeoutMs: 2, pongTimeoutMs: 3 });
    expect([machine.openTimeoutMs, machine.helloTimeoutMs, liveness.pongTimeoutMs]).toEqual([1, 2, 3]);
    for (const name of ['openTimeoutMs', 'helloTimeoutMs', 'pongTimeoutMs']) {
      expect(() => settingsFor({ [name]: 0 })).toThrow(ValidationError);
    }
  });
});

describe('LIVE-3: a middlebox that swallows pings', () => {
  it('costs two sessions; then REST is asked, until a ping is answered', async () => {
    const { connection, clock, network, recorder } = await connected({ client });
    network.onOpenSocket = (socket) =>
      queueMicrotask(() => {
        socket.open();
        socket.helloOk();
      });
    await clock.advance(120_000);
    expect(recorder.sessions).toHaveLength(3);
    expect(connection.insight().pingsSwallowed).toBe(true);
    await clock.advance(300_000);
    expect(recorder.sessions).toHaveLength(3);
    expect(recorder.silences.length).toBeGreaterThanOrEqual(3);
    network.last.pong();
    await clock.advance(3_000);
    expect(connection.insight().pingsSwallowed).toBe(false);
  });

  it('without REST there is nothing else to judge by', async () => {
    const { connection, clock, network, recorder } = await connected();
    network.onOpenSocket = (socket) =>
      queueMicrotask(() => {
        socket.open();
        socket.helloOk();
      });
    await clock.advance(600_000);
    expect(recorder.sessions.length).toBeGreaterThan(8);
    expect(connection.insight().pingsSwallowed).toBe(false);
  });
});
