import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LIMITER_ATTEMPTS } from '../../../src/realtime/connection/attempts.js';
import { type Bench, bench, watchPromise } from './support.js';

/** One thing that happens. `which` picks a socket among all that ever were, the dead ones included. */
type Act =
  | { do: 'connect' | 'connect with a signal' | 'abort' | 'beginStop' | 'close' | 'replace' | 'hello.ok' }
  | { do: 'get a session' }
  | { do: 'storm'; times: number }
  | { do: 'online' | 'offline' | 'throw' | 'stop throwing' }
  | { do: 'open' | 'frame' | 'junk' | 'silent bytes' | 'pile up'; which: number }
  | { do: 'end'; which: number; code: number }
  | { do: 'refuse'; which: number; status: number }
  | { do: 'advance' | 'freeze'; ms: number }
  | { do: 'key'; behaviour: 'same' | 'other' | 'throw' | 'hang' };

const which = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(3) });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'connect' as const,
        'connect with a signal' as const,
        'abort' as const,
        'beginStop' as const,
        'close' as const,
        'replace' as const,
        'hello.ok' as const,
        'hello.ok' as const,
        'online' as const,
        'offline' as const,
        'throw' as const,
        'stop throwing' as const,
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'open' as const,
        'open' as const,
        'frame' as const,
        'junk' as const,
        'silent bytes' as const,
        'pile up' as const,
      ),
      which,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('get a session' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('storm' as const), times: fc.integer({ min: 1, max: 25 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which,
      code: fc.constantFrom(1000, 1001, 1006, 1008, 4401, 4403, 4999),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('refuse' as const),
      which,
      status: fc.constantFrom(401, 403, 503),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('advance' as const, 'advance' as const, 'advance' as const, 'freeze' as const),
      ms: fc.constantFrom(0, 1, 300, 1_500, 4_000, 12_000, 40_000, 130_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('key' as const),
      behaviour: fc.constantFrom('same' as const, 'other' as const, 'throw' as const, 'hang' as const),
    }),
  },
);

/** A bench with everything that the acts change. */
class Stage {
  readonly made: Bench;
  readonly promises: ReturnType<typeof watchPromise>[] = [];
  readonly opened: number[] = [];
  readonly broken: string[] = [];
  private readonly controllers: AbortController[] = [];
  private behaviour: 'same' | 'other' | 'throw' | 'hang' = 'same';
  private asked = 0;
  private throwing = false;

  constructor(seed: number, canPing: boolean, maxReconnectAttempts: number) {
    this.made = bench({
      seed,
      canPing,
      maxReconnectAttempts,
      apiKey: () => this.key(),
    });
    const { network, recorder, clock } = this.made;
    network.onOpenSocket = () => {
      this.opened.push(clock.now());
    };
    const { onFrame } = recorder;
    recorder.onFrame = (frame) => {
      onFrame.call(recorder, frame);
      // Frames carry the number of their socket: only the one that lives is heard. (Throwing here would be guarded.)
      if (network.alive[0] !== network.sockets[Number(frame.from)]) this.broken.push(`heard ${frame.from}`);
      this.maybeThrow();
    };
    for (const name of [
      'onHelloOk',
      'onSilence',
      'onSessionStart',
      'onSessionEnd',
      'onDisconnect',
      'onStateChange',
      'onError',
    ] as const) {
      const told = recorder[name].bind(recorder) as (...args: unknown[]) => void;
      Object.assign(recorder, {
        [name]: (...args: unknown[]) => {
          told(...args);
          this.maybeThrow();
        },
      });
    }
  }

  async perform(act: Act): Promise<void> {
    const { connection, network, clock, recorder } = this.made;
    const socket = 'which' in act ? network.sockets.at(-1 - act.which) : network.sockets.at(-1);
    const told = recorder.log.length;
    const isDead = 'which' in act && socket?.state === 'discarded';
    switch (act.do) {
      case 'connect':
        this.promises.push(watchPromise(connection.connect()));
        break;
      case 'connect with a signal': {
        const controller = new AbortController();
        this.controllers.push(controller);
        this.promises.push(watchPromise(connection.connect({ signal: controller.signal })));
        break;
      }
      case 'abort':
        this.controllers.pop()?.abort('test');
        break;
      case 'beginStop':
        connection.beginStop();
        break;
      case 'close':
        this.promises.push(watchPromise(connection.close()));
        break;
      case 'replace':
        connection.replace(connection.session ?? { id: 1, ackMode: true, startedAt: 0 }, 'test');
        break;
      case 'get a session':
        this.promises.push(watchPromise(connection.connect()));
        await clock.advance(1_000);
        network.sockets.at(-1)?.open();
        network.sockets.at(-1)?.helloOk();
        break;
      case 'storm':
        for (let n = 0; n < act.times; n++) {
          this.promises.push(watchPromise(connection.connect()));
          await clock.settle();
          network.sockets.at(-1)?.end();
          connection.networkChanged(true);
          if (n % 3 === 0) this.promises.push(watchPromise(connection.close()));
        }
        break;
      case 'online':
      case 'offline':
        connection.networkChanged(act.do === 'online');
        break;
      case 'throw':
        this.throwing = true;
        break;
      case 'stop throwing':
        this.throwing = false;
        break;
      case 'open':
        socket?.open();
        break;
      case 'hello.ok':
        socket?.open();
        socket?.helloOk();
        break;
      case 'frame':
        socket?.frame({ type: 'message.new', from: network.sockets.indexOf(socket) });
        break;
      case 'junk':
        socket?.data('{');
        break;
      case 'silent bytes':
        socket?.pong();
        break;
      case 'pile up':
        if (socket !== undefined) socket.unsent = 2 ** 30;
        break;
      case 'end':
        socket?.end({ code: act.code });
        break;
      case 'refuse':
        socket?.refuse(act.status);
        break;
      case 'advance':
        await clock.advance(act.ms);
        break;
      case 'freeze':
        clock.freeze(act.ms);
        break;
      case 'key':
        this.behaviour = act.behaviour;
        break;
    }
    if (isDead && recorder.log.length > told) this.broken.push(`${act.do} of a dead socket was heard`);
    await clock.settle();
    this.check();
  }

  check(): void {
    const { network, connection } = this.made;
    expect(this.broken).toEqual([]);
    expect(network.alive.length).toBeLessThanOrEqual(1);
    if (connection.session !== null) expect(network.alive).toHaveLength(1);
    const twentyFirst = this.opened.at(-LIMITER_ATTEMPTS - 1);
    if (twentyFirst !== undefined) {
      expect((this.opened.at(-1) ?? 0) - twentyFirst).toBeGreaterThanOrEqual(10_000);
    }
  }

  private key(): string | Promise<string> {
    this.asked++;
    if (this.behaviour === 'throw') throw new Error('no key');
    if (this.behaviour === 'hang') return new Promise(() => {});
    return this.behaviour === 'same' ? 'ac_same' : `ac_${this.asked}`;
  }

  private maybeThrow(): void {
    if (this.throwing) throw Object.create(null);
  }
}

describe('the connection, whatever happens in whatever order', () => {
  it('has one socket at most, hears only that one, holds the limiter, and leaves nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.boolean(),
        fc.constantFrom(0, 2, Number.POSITIVE_INFINITY),
        fc.array(act, { maxLength: 60, size: 'max' }),
        async (seed, canPing, maxReconnectAttempts, acts) => {
          const stage = new Stage(seed, canPing, maxReconnectAttempts);
          for (const step of acts) await stage.perform(step);
          const { connection, clock, network, recorder } = stage.made;
          connection.beginStop();
          const closing = watchPromise(connection.close());
          await clock.advance(300);
          expect(closing.outcome).toBe('resolved');
          expect(stage.promises.filter(({ outcome }) => outcome === 'pending')).toEqual([]);
          expect(connection.state).toBe('idle');
          expect(network.alive).toEqual([]);
          expect(clock.pendingTimers).toBe(0);
          expect(recorder.ended.map(({ id }) => id)).toEqual(recorder.sessions.map(({ id }) => id));
          expect(recorder.disconnects).toHaveLength(network.sockets.length);
          const told = recorder.log.length;
          await clock.advance(200_000);
          expect(recorder.log).toHaveLength(told);
        },
      ),
      { numRuns: 150 },
    );
  });
});
