import { describe, expect, it } from 'vitest';
import {
  type LivenessNews,
  LivenessWatch,
  MUCH_UNSENT_BYTES,
} from '../../../src/realtime/connection/liveness.js';
import { PingLore } from '../../../src/realtime/connection/ping-lore.js';
import { VirtualClock } from '../../support/virtual-clock.js';

const SETTINGS = { pingAfterMs: 15_000, pongTimeoutMs: 10_000, livenessTimeoutMs: 100_000 };

/** A watched socket: `hear()` is bytes coming in. */
function watched(canPing: boolean, lore = new PingLore(SETTINGS.pongTimeoutMs, true)) {
  const clock = new VirtualClock();
  const socket = {
    canPing,
    heard: 0,
    unsent: 0,
    taken: undefined as number | undefined,
    /** When we pinged. */
    pings: [] as number[],
    activity: () => socket.heard,
    unsentBytes: () => socket.unsent,
    takenBytes: () => socket.taken ?? -socket.unsent,
    ping: () => void socket.pings.push(clock.now()),
    answered: 0,
    pongs: () => socket.answered,
  };
  const news: { what: LivenessNews; at: number }[] = [];
  const watch = new LivenessWatch(clock, SETTINGS, socket, lore, (what) =>
    news.push({ what, at: clock.now() }),
  );
  const pong = () => {
    socket.heard++;
    socket.answered++;
  };
  return { clock, socket, news, watch, lore, pong, hear: () => void socket.heard++ };
}

describe('LIVE-1: a socket that can ping', () => {
  it('is pinged after 15 s of silence, and dead when it does not answer within 10 s', async () => {
    const { clock, socket, news } = watched(true);
    await clock.advance(60_000);
    expect(socket.pings).toEqual([15_000]);
    expect(news).toEqual([{ what: 'silent', at: 25_000 }]);
    expect(clock.pendingTimers).toBe(0);
  });

  it.each([0, 1, 2_999, 3_000, 14_999, 15_001, 17_500, 20_000, 44_444])(
    'dying after %i ms is noticed within 30 s',
    async (diesAt) => {
      const { clock, socket, news, hear } = watched(true);
      // Until it dies it sends a byte now and then, and answers every ping a little later.
      let answered = 0;
      for (let at = 0; at < diesAt; at += 50) {
        await clock.advance(Math.min(50, diesAt - at));
        if (at % 7_000 === 0) hear();
        if (socket.pings.length > answered) {
          answered = socket.pings.length;
          hear();
        }
      }
      await clock.advance(120_000);
      expect(news.map(({ what }) => what)).toEqual(['silent']);
      expect((news[0]?.at ?? 0) - diesAt).toBeLessThan(30_000);
    },
  );

  it('is never pinged while bytes come in', async () => {
    const { clock, socket, news, hear } = watched(true);
    for (let second = 0; second < 600; second += 10) {
      hear();
      await clock.advance(10_000);
    }
    expect(socket.pings).toEqual([]);
    expect(news).toEqual([]);
  });

  it('lives on as long as it answers, with anything', async () => {
    const { clock, socket, news, hear } = watched(true);
    for (let round = 1; round <= 20; round++) {
      const before = socket.pings.length;
      await clock.advanceUntil(() => socket.pings.length > before);
      await clock.advance(9_000);
      hear();
    }
    expect(news).toEqual([]);
  });

  it('a look that is a second late means that we slept: one turn and a second of grace first', async () => {
    const { clock, socket, news, hear } = watched(true);
    await clock.advance(16_000);
    expect(socket.pings).toHaveLength(1);
    clock.freeze(60_000);
    await clock.advance(500);
    // The pong lay in the kernel's buffer.
    hear();
    await clock.advance(5_000);
    expect(news).toEqual([]);

    const dead = watched(true);
    await dead.clock.advance(16_000);
    dead.clock.freeze(60_000);
    await dead.clock.advance(999);
    expect(dead.news).toEqual([]);
    await dead.clock.advance(1);
    expect(dead.news).toEqual([{ what: 'silent', at: 77_000 }]);
  });

  it('a freeze of 3 s costs nothing', async () => {
    const { clock, socket, news, hear } = watched(true);
    for (let round = 0; round < 50; round++) {
      await clock.advance(1_700);
      clock.freeze(3_000);
      await clock.settle();
      if (socket.pings.length > round) hear();
      hear();
    }
    expect(news).toEqual([]);
  });

  it('BP-3: is over when the peer takes nothing off the wire for a whole span, although it pushes', async () => {
    const { clock, socket, news, hear } = watched(true);
    socket.unsent = MUCH_UNSENT_BYTES + 1;
    for (let at = 0; at < 14; at += 1) {
      hear();
      await clock.advance(1_000);
    }
    expect(news).toEqual([]);
    for (let at = 0; at < 5; at += 1) {
      hear();
      await clock.advance(1_000);
    }
    expect(news.map(({ what }) => what)).toEqual(['unread']);
  });

  it('BP-3: lives as long as the peer takes a little, however much is unsent', async () => {
    const { clock, socket, news, hear } = watched(true);
    socket.unsent = 64 * 1024 * 1024;
    for (let at = 0; at < 300; at += 1) {
      hear();
      socket.unsent -= at % 10 === 0 ? 1_000 : 0;
      await clock.advance(1_000);
    }
    expect(news).toEqual([]);
  });

  it('BP-3: lives as long as parts are taken, although what is unsent is filled up again', async () => {
    const { clock, socket, news, hear } = watched(true);
    socket.unsent = 2 * MUCH_UNSENT_BYTES;
    socket.taken = 0;
    for (let at = 0; at < 300; at += 1) {
      hear();
      socket.taken += at % 10 === 0 ? 1_000 : 0;
      await clock.advance(1_000);
    }
    expect(news).toEqual([]);
    await clock.advance(18_000);
    expect(news.map(({ what }) => what)).toEqual(['unread']);
  });

  it('BP-3: is not silent as long as it takes what stands before our ping, and is when that ends', async () => {
    const { clock, socket, news } = watched(true);
    socket.unsent = 1_000_000;
    socket.taken = 0;
    for (let at = 0; at < 100; at += 1) {
      socket.taken += 1_000;
      await clock.advance(4_000);
    }
    expect(news).toEqual([]);
    await clock.advance(30_000);
    expect(news.map(({ what }) => what)).toEqual(['silent']);
  });

  it('BP-3: what is taken while we slept is no silence either', async () => {
    const { clock, socket, news } = watched(true);
    socket.unsent = 1_000_000;
    socket.taken = 0;
    await clock.advance(24_500);
    expect(socket.pings).toHaveLength(1);
    clock.freeze(10_000);
    socket.taken = 1_000;
    await clock.advance(2_000);
    expect(news).toEqual([]);
  });

  it('LIVE-1: is silent although the system takes what we write, if it was not behind', async () => {
    const { clock, socket, news } = watched(true);
    socket.taken = 0;
    for (let at = 0; at < 40; at += 1) {
      socket.taken += 100;
      await clock.advance(1_000);
    }
    expect(news).toEqual([{ what: 'silent', at: 25_000 }]);
  });

  it('is pinged at once when the network changed', async () => {
    const { clock, socket, news, watch } = watched(true);
    await clock.advance(1_000);
    watch.networkChanged(false);
    watch.networkChanged(true);
    expect(socket.pings).toEqual([1_000]);
    await clock.advance(10_000);
    expect(news).toEqual([{ what: 'silent', at: 11_000 }]);
  });
});

describe('LIVE-1: a socket that cannot ping', () => {
  it('has its owner told after 100 s of silence, and again after as much', async () => {
    const { clock, socket, news } = watched(false);
    await clock.advance(350_000);
    expect(socket.pings).toEqual([]);
    expect(news.map(({ what }) => what)).toEqual(['quiet', 'quiet', 'quiet']);
    expect(news.map(({ at }) => at)).toEqual([100_000, 200_000, 300_000]);
  });

  it('is quiet when something comes in every 45 s or so', async () => {
    const { clock, news, hear } = watched(false);
    for (let round = 0; round < 20; round++) {
      await clock.advance(75_000);
      hear();
    }
    expect(news).toEqual([]);
  });

  it('is told of at once when the network is back, 10 s after it went', async () => {
    const { clock, news, watch } = watched(false);
    await clock.advance(5_000);
    watch.networkChanged(true);
    expect(news).toEqual([{ what: 'quiet', at: 5_000 }]);
    watch.networkChanged(false);
    await clock.advance(10_000);
    expect(news.at(-1)).toEqual({ what: 'quiet', at: 15_000 });
    expect(news).toHaveLength(2);
  });

  it('gets its grace after we slept', async () => {
    const { clock, news, hear } = watched(false);
    await clock.advance(90_000);
    clock.freeze(3_600_000);
    await clock.advance(500);
    hear();
    await clock.advance(20_000);
    expect(news).toEqual([]);
  });
});

describe('LIVE-3: pings that nobody ever answered', () => {
  /** What is known after so many sessions that ended by an unanswered ping. */
  function loreAfter(silentSessions: number, canAskRest = true): PingLore {
    const lore = new PingLore(SETTINGS.pongTimeoutMs, canAskRest);
    for (let n = 0; n < silentSessions; n++) lore.fellSilent(2 * n);
    return lore;
  }

  it('judge nobody after two sessions: REST is asked as for a browser, and pings go on', async () => {
    const { clock, socket, news, watch } = watched(true, loreAfter(2));
    await clock.advance(250_000);
    expect(news).toEqual([
      { what: 'quiet', at: 100_000 },
      { what: 'quiet', at: 200_000 },
    ]);
    expect(socket.pings.slice(0, 3)).toEqual([15_000, 30_000, 45_000]);
    expect(watch.insight().pingOutForMs).toBeNull();
  });

  it('judge again from the first pong on', async () => {
    const { clock, news, pong, lore } = watched(true, loreAfter(2));
    await clock.advance(40_000);
    pong();
    await clock.advance(3_000);
    expect(lore.swallowed).toBe(false);
    await clock.advance(60_000);
    expect(news.map(({ what }) => what)).toEqual(['silent']);
  });

  it.each([
    ['after one session', () => loreAfter(1)],
    ['without REST', () => loreAfter(9, false)],
    [
      'where one was answered once',
      () => {
        const lore = loreAfter(1);
        lore.ponged();
        lore.fellSilent(9);
        lore.fellSilent(11);
        return lore;
      },
    ],
  ])('still judge %s', async (_, make) => {
    const { clock, news } = watched(true, make());
    await clock.advance(26_000);
    expect(news).toEqual([{ what: 'silent', at: 25_000 }]);
  });

  it('a frame is no pong', async () => {
    const { clock, hear, lore } = watched(true, loreAfter(2));
    await clock.advance(1_000);
    hear();
    await clock.advance(10_000);
    expect(lore.swallowed).toBe(true);
  });

  it('a pong that came shortly before the end counts, too', () => {
    const { watch, pong, lore } = watched(true, loreAfter(2));
    pong();
    watch.stop();
    expect(lore.swallowed).toBe(false);
  });
});

describe('LIVE-3: the wait for a pong', () => {
  it('doubles, to 30 s, when the next attempt connects at once', () => {
    const lore = new PingLore(10_000, true);
    const waits = [1, 2, 3].map((attempt) => {
      lore.fellSilent(attempt);
      lore.sessionBegan(attempt + 1);
      return lore.waitMs;
    });
    expect(waits).toEqual([20_000, 30_000, 30_000]);
  });

  it('stays when an attempt failed in between: the network was down', () => {
    const lore = new PingLore(10_000, true);
    lore.fellSilent(1);
    lore.sessionBegan(3);
    lore.sessionBegan(4);
    expect(lore.waitMs).toBe(10_000);
  });

  it('is what the option says, when that is more than 30 s', () => {
    const lore = new PingLore(40_000, true);
    lore.fellSilent(1);
    lore.sessionBegan(2);
    expect(lore.waitMs).toBe(40_000);
  });

  it('is given to the next session', async () => {
    const lore = new PingLore(SETTINGS.pongTimeoutMs, true);
    lore.ponged();
    lore.fellSilent(1);
    lore.sessionBegan(2);
    const { clock, news } = watched(true, lore);
    await clock.advance(60_000);
    expect(news).toEqual([{ what: 'silent', at: 35_000 }]);
  });
});

describe('a watch that was stopped', () => {
  it('does nothing any more, in the middle of a grace too', async () => {
    const { clock, news, watch } = watched(true);
    await clock.advance(16_000);
    clock.freeze(60_000);
    await clock.advance(1);
    watch.stop();
    watch.networkChanged(true);
    await clock.advance(60_000);
    expect(news).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('tells silence and pings as data', async () => {
    const { clock, watch, hear } = watched(true);
    await clock.advance(16_000);
    expect(watch.insight()).toEqual({ silentForMs: 16_000, pingOutForMs: 1_000 });
    hear();
    expect(watch.insight()).toEqual({ silentForMs: 0, pingOutForMs: null });
  });
});
