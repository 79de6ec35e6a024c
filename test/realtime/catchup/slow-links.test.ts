import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock/index.js';
import { ServerError, TimeoutError } from '../../../src/errors/index.js';
import { Demand } from '../../../src/realtime/catchup/demand.js';
import { RestGate } from '../../../src/realtime/catchup/rest-gate.js';
import { Life } from '../../../src/realtime/util/life.js';
import { AgentChatClient } from '../../../src/rest/index.js';
import { httpServer, type RawServer } from '../../http/raw-server.js';
import { EngineRig, message, row } from './engine-rig.js';

const late = () => Promise.reject(new TimeoutError('no answer'));
const rows = (count: number) => Array.from({ length: count }, (_, i) => row(i + 1));

/** The row counts that were asked for by the paged reads of a rig, in order. */
function limitsOf(rig: EngineRig): string[] {
  const asked: string[] = [];
  const { source } = rig;
  const [sync, getMessages, list] = [source.sync, source.getMessages, source.listConversations];
  source.sync = (options = {}) => {
    asked.push(`sync ${options.limit}`);
    return sync.call(source, options);
  };
  source.getMessages = (id, options = {}) => {
    asked.push(`history ${options.limit}`);
    return getMessages.call(source, id, options);
  };
  source.listConversations = (options = {}) => {
    asked.push(`list ${options.limit} from ${options.offset}`);
    return list.call(source, options);
  };
  return asked;
}

describe('CATCH-2: what has timed out is asked for less', () => {
  it('asks for half after a full page that took longer than the wait, and for no less after others', () => {
    const demand = new Demand(200);
    demand.came(200, 200, 10_500);
    expect(demand.limit).toBe(100);
    // One that was asked for before that was known, a short one, and one in time: none of them says more.
    demand.came(200, 200, 10_500);
    demand.came(20, 100, 30_000);
    demand.came(100, 100, 9_000);
    expect(demand.limit).toBe(100);
    demand.came(100, 100, 2_000);
    expect(demand.limit).toBe(200);
  });

  it('reads the queue in smaller pages after a time-out, to its end, and remembers it', async () => {
    const rig = new EngineRig();
    const asked = limitsOf(rig);
    rig.source.rows = rows(300);
    rig.source.next('sync', late);
    await rig.hello();
    await rig.clock.advance(5_000);
    expect(rig.handled).toHaveLength(300);
    // Full pages that come quickly may grow again.
    expect(asked).toEqual(['sync 500', 'sync 125', 'sync 250']);
    await rig.lost();
    asked.length = 0;
    rig.source.rows = [row(301)];
    await rig.hello();
    await rig.clock.advance(1_000);
    expect(asked).toEqual(['sync 250']);
  });

  it('fills a gap in smaller pages, and delivers nothing before it', async () => {
    const rig = new EngineRig();
    await rig.hello();
    await rig.frame(message(1));
    const asked = limitsOf(rig);
    rig.source.history = Array.from({ length: 100 }, (_, i) => message(i + 1));
    rig.source.next('getMessages', late, 2);
    await rig.frame(message(100));
    await rig.clock.advance(20_000);
    expect(asked.filter((line) => line.startsWith('history'))).toEqual([
      'history 200',
      'history 50',
      'history 13',
      'history 26',
      'history 52',
      'history 104',
    ]);
    expect(rig.handled.at(-1)).toBe('a100');
    expect(rig.handled).toHaveLength(100);
  });

  it('goes on through the list of conversations from where a smaller page ended', async () => {
    const rig = new EngineRig();
    const asked = limitsOf(rig);
    rig.source.list = Array.from({ length: 60 }, (_, i) => ({
      id: `conv_${i}`,
      newest_unread_seq: 1,
      last_message_at: '2026-01-01T00:00:00.000Z',
    }));
    rig.source.next('list', late);
    await rig.hello(false);
    await rig.clock.advance(3_000);
    expect(asked.filter((line) => line.startsWith('list'))).toEqual([
      'list 100 from 0',
      'list 25 from 0',
      'list 50 from 25',
    ]);
  });

  it('takes other failures for what they are, and a quick service gets full pages', () => {
    const demand = new Demand(500);
    demand.failed(new ServerError({ message: 'down', status: 503 }), 500);
    demand.failed(new TypeError('fetch failed'), 500);
    expect([demand.limit, demand.waitMs]).toEqual([500, 10_000]);
    demand.came(3, 500, 10);
    expect(demand.limit).toBe(500);
  });

  it('waits longer where nothing came at all, unless somebody has chosen how long', () => {
    const demand = new Demand(500);
    const chosen = new Demand(500, 4_000);
    for (let n = 0; n < 4; n += 1) {
      demand.failed(new TimeoutError('nothing'), demand.limit);
      chosen.failed(new TimeoutError('nothing'), chosen.limit);
    }
    expect([demand.limit, demand.waitMs]).toEqual([5, 30_000]);
    expect([chosen.limit, chosen.waitMs]).toEqual([5, 4_000]);
    // What came slowly keeps it; what came quickly takes it back.
    demand.came(5, 5, 12_000);
    expect([demand.limit, demand.waitMs]).toEqual([5, 30_000]);
    demand.came(5, 5, 100);
    expect([demand.limit, demand.waitMs]).toEqual([10, 15_000]);
  });

  it.each([
    ['one that broke off', new TimeoutError({ message: 'stopped', status: 200 }), 125],
    ['one of a gateway', new ServerError({ message: 'gateway', status: 504 }), 125],
    ['one of another source', new DOMException('late', 'TimeoutError'), 125],
  ])('knows a time-out: %s', (_, error, limit) => {
    const demand = new Demand(500);
    demand.failed(error, 500);
    expect(demand.limit).toBe(limit);
  });
});

describe('CATCH-2: on a throttled link', () => {
  let server: RawServer | undefined;
  afterEach(() => server?.close());

  /** Rows of `rowBytes`, as many as are asked for, at so many bytes a second. */
  async function slowly(rowBytes: number, bytesPerSecond: number): Promise<RawServer> {
    server = await httpServer((request, response) => {
      const limit = Number(new URL(request.url ?? '', 'http://x').searchParams.get('limit'));
      const filler = { content: { text: 'x'.repeat(rowBytes) } };
      const body = JSON.stringify(rows(limit).map((each) => ({ ...each, ...filler })));
      response.writeHead(200, { 'content-type': 'application/json' });
      let at = 0;
      const drip = setInterval(() => {
        response.write(body.slice(at, at + bytesPerSecond / 20));
        at += bytesPerSecond / 20;
        if (at >= body.length) response.end();
      }, 50);
      response.on('close', () => clearInterval(drip));
    });
    return server;
  }

  async function read(url: string, timeoutMs: number): Promise<number[]> {
    const client = new AgentChatClient({ apiKey: 'ac_live_0123456789abcdef', baseUrl: url, timeoutMs });
    const gate = new RestGate(systemClock, 20, client.timeoutMs);
    const demand = gate.pagesOf(500);
    const asked: number[] = [];
    for (;;) {
      try {
        const ask = (call: object, limit: number) => {
          asked.push(limit);
          return client.sync({ limit, ...call });
        };
        expect(await gate.run(ask, new Life(), demand)).toHaveLength(asked.at(-1) ?? 0);
        return asked;
      } catch (error) {
        expect(error).toBeInstanceOf(TimeoutError);
      }
    }
  }

  it('gets a page in one go that needs longer than the timeout', async () => {
    // 500 rows of 1.2 kB: two seconds.
    const { url } = await slowly(1_000, 300_000);
    expect(await read(url, 1_000)).toEqual([500]);
    expect(server?.requests).toBe(1);
  });

  it('gets a smaller one where a full page would never come', async () => {
    // Ten times the timeout would bring 300 kB of 600.
    const { url } = await slowly(1_000, 100_000);
    expect(await read(url, 300)).toEqual([500, 125]);
    expect(server?.requests).toBe(2);
  });
});
