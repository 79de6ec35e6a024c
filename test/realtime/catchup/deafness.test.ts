import { describe, expect, it } from 'vitest';
import type { RealtimeOptions } from '../../../src/realtime/index.js';
import type { Message } from '../../../src/wire/index.js';
import { ClientRig } from '../client-rig.js';
import { answer } from './answers.js';
import { EngineRig, type FakeSource, message, row } from './engine-rig.js';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What the service keeps: messages are written now, and pushed or not. */
class Service {
  private readonly seqs = new Map<string, number>();

  constructor(
    private readonly rig: { clock: { wallNow(): number }; source: FakeSource },
    private readonly ackMode: boolean,
  ) {}

  /** A message that is in history, and undelivered or (without acks) the newest unread one. */
  write(conversation = 'conv_a', extra: Partial<Message> = {}): Message {
    const seq = (this.seqs.get(conversation) ?? 0) + 1;
    this.seqs.set(conversation, seq);
    const created_at = new Date(this.rig.clock.wallNow()).toISOString();
    const written = message(seq, conversation, { created_at, ...extra });
    const { source } = this.rig;
    source.history.push(written);
    if (this.ackMode) source.rows.push(row(seq, conversation, { created_at, ...extra }));
    else {
      source.list = source.list.filter((each) => (each as { id: string }).id !== conversation);
      source.list.unshift({ id: conversation, newest_unread_seq: seq, last_message_at: created_at });
    }
    return written;
  }
}

async function engine(ackMode: boolean, options: Partial<RealtimeOptions> = {}) {
  const rig = new EngineRig(options);
  const service = new Service(rig, ackMode);
  await rig.hello(ackMode);
  // A conversation that the socket has brought something of.
  await rig.clock.advance(10 * SECOND);
  await rig.frame(service.write());
  rig.source.rows = [];
  await rig.clock.advance(10 * SECOND);
  return { rig, service };
}

/** For so long a message a minute, which the socket does not bring. */
async function deafFor(
  minutes: number,
  { rig, service }: Awaited<ReturnType<typeof engine>>,
  write: (n: number) => void = () => void service.write(),
) {
  for (let minute = 0; minute < minutes; minute += 1) {
    write(minute);
    await rig.clock.advance(MINUTE);
  }
}

describe.each([
  ['in ack mode', true],
  ['without ack mode', false],
])('LIVE-2, %s: a socket that looks well and brings nothing', (_, ackMode) => {
  it('is replaced after three messages that only REST showed, and all of them are handled', async () => {
    const made = await engine(ackMode);
    const { rig } = made;
    await deafFor(3, made);
    expect(rig.replaced).toEqual([]);
    expect(rig.engine.catchUp.hearing.findings).toBeGreaterThanOrEqual(2);
    await deafFor(2, made);
    expect(rig.replaced).toMatchObject([{ session: 1, why: expect.stringContaining('3 messages') }]);
    // The oldest was written at 20 s, the third at 140 s and shown at the next look.
    expect(rig.replaced[0]?.at).toBeLessThanOrEqual(4 * MINUTE);
    expect(rig.engine.counters).toMatchObject({ socketsReplaced: 1 });
    expect(rig.engine.counters.findings).toBeGreaterThanOrEqual(3);
    await rig.clock.advance(2 * MINUTE);
    expect(rig.handled).toEqual(['a1', 'a2', 'a3', 'a4', 'a5', 'a6']);
  });

  it('at most once in ten minutes', async () => {
    const made = await engine(ackMode);
    await deafFor(45, made);
    const at = made.rig.replaced.map((each) => each.at);
    expect(at.length).toBeGreaterThanOrEqual(4);
    for (const [n, when] of at.entries())
      if (n > 0) expect(when - (at[n - 1] ?? 0)).toBeGreaterThanOrEqual(10 * MINUTE);
    const { lastReplacedAgoMs } = made.rig.engine.catchUp.hearing;
    expect(lastReplacedAgoMs).toBe(made.rig.clock.now() - (at.at(-1) ?? 0));
  });

  it('not while it brings anything: a message now and then starts the row anew', async () => {
    const made = await engine(ackMode);
    const { rig, service } = made;
    await deafFor(60, made, (minute) => {
      const written = service.write();
      if (minute % 3 === 2) rig.engine.inbox.frame({ type: 'message.new', payload: written });
    });
    expect(rig.replaced).toEqual([]);
    await rig.clock.advance(2 * MINUTE);
    expect(rig.handled).toHaveLength(61);
  });

  it('not for what was written before the session, or before what the socket brought last', async () => {
    const rig = new EngineRig();
    const service = new Service(rig, ackMode);
    const before = { created_at: '2025-12-31T23:59:30.000Z' };
    await rig.hello(ackMode);
    await rig.clock.advance(10 * SECOND);
    await rig.frame(service.write());
    rig.source.rows = [];
    for (let n = 0; n < 10; n += 1) service.write('conv_a', before);
    await rig.clock.advance(5 * MINUTE);
    for (let n = 0; n < 10; n += 1) service.write();
    await rig.frame(service.write('conv_b'));
    await rig.clock.advance(10 * MINUTE);
    expect(rig.handled).toHaveLength(22);
    expect(rig.replaced).toEqual([]);
    expect(rig.engine.counters.findings).toBe(0);
  });

  it('not for what was written before the session, also when the socket has brought nothing yet', async () => {
    const rig = new EngineRig();
    const service = new Service(rig, ackMode);
    await rig.clock.advance(HOUR);
    await rig.hello(ackMode);
    await rig.clock.advance(10 * SECOND);
    const before = { created_at: '2026-01-01T00:59:50.000Z' };
    for (let n = 0; n < 10; n += 1) service.write(`conv_${n}`, { id: `m${n}`, ...before });
    await rig.clock.advance(10 * MINUTE);
    expect(rig.engine.counters.findings).toBe(0);
    expect(rig.replaced).toEqual([]);
    for (let n = 0; n < 3; n += 1) service.write('conv_z');
    await rig.clock.advance(3 * MINUTE);
    expect(rig.replaced).toHaveLength(1);
  });

  it('not for our own messages', async () => {
    const made = await engine(ackMode);
    await deafFor(30, made, () => void made.service.write('conv_a', { sender: '@Me' }));
    expect(made.rig.replaced).toEqual([]);
    expect(made.rig.engine.counters.findings).toBe(0);
  });

  it.each([[undefined], [null], ['never'], [7], [{ toString: null }]])(
    'not where nobody can say when a message was written (%j)',
    async (created_at) => {
      const made = await engine(ackMode);
      await deafFor(30, made, () => void made.service.write('conv_a', { created_at: created_at as string }));
      expect(made.rig.replaced).toEqual([]);
    },
  );

  it('not because we slept: what was sent meanwhile reaches us first', async () => {
    const made = await engine(ackMode);
    const { rig, service } = made;
    for (let n = 0; n < 3; n += 1) service.write();
    await rig.clock.advance(MINUTE);
    expect(rig.engine.catchUp.hearing.findings).toBe(3);
    rig.clock.freeze(5 * MINUTE);
    await rig.clock.advance(500);
    expect(rig.replaced).toEqual([]);
    await rig.frame(service.write());
    await rig.clock.advance(3 * SECOND);
    expect(rig.replaced).toEqual([]);
  });

  it('also after we slept, a second later, when nothing was sent meanwhile', async () => {
    const made = await engine(ackMode);
    const { rig, service } = made;
    for (let n = 0; n < 3; n += 1) service.write();
    await rig.clock.advance(MINUTE);
    rig.clock.freeze(5 * MINUTE);
    await rig.clock.advance(2 * SECOND);
    expect(rig.replaced).toHaveLength(1);
  });

  it('not once the stop has begun (STOP-1), nor for a session that is over', async () => {
    const made = await engine(ackMode);
    const { rig, service } = made;
    for (let n = 0; n < 3; n += 1) service.write();
    await rig.clock.advance(MINUTE);
    await rig.lost();
    await rig.hello(ackMode);
    await rig.clock.advance(5 * MINUTE);
    expect(rig.replaced).toEqual([]);
    for (let n = 0; n < 3; n += 1) service.write();
    await rig.clock.advance(MINUTE);
    expect(rig.engine.catchUp.hearing.findings).toBe(3);
    const stopped = rig.engine.stop(2 * MINUTE);
    expect(rig.engine.catchUp.hearing.findings).toBe(0);
    await rig.clock.advance(2 * MINUTE);
    await stopped;
    await rig.lost();
    expect(rig.replaced).toEqual([]);
    expect(rig.clock.pendingTimers).toBe(0);
  });
});

describe.each([
  ['in ack mode', true],
  ['without ack mode', false],
])('LIVE-2, %s: mutes and pauses cause no reconnect loops', (_, ackMode) => {
  const muted = (conversation = 'conv_m') => ({
    target_kind: 'conversation',
    target_id: conversation,
    muted_until: null,
  });

  /** A sender who writes once a minute for three hours, and is never pushed. */
  async function chatty(prepare: (rig: EngineRig) => void, extra: Partial<Message> = {}) {
    const made = await engine(ackMode);
    prepare(made.rig);
    await deafFor(130, made, () => void made.service.write('conv_m', extra));
    await made.rig.clock.advance(2 * MINUTE);
    expect(made.rig.handled).toHaveLength(131);
    return made.rig;
  }

  it('a muted conversation', async () => {
    const rig = await chatty(({ source }) => {
      source.mutes = [muted()];
    });
    expect(rig.replaced).toEqual([]);
    // The list is asked for every five minutes at most, and once for explain().
    expect(rig.source.count('mutes')).toBeLessThanOrEqual(28);
  });

  it('a muted agent that the list names by its handle', async () => {
    const rig = await chatty(
      ({ source }) => {
        source.mutes = [{ target_kind: 'agent', target_id: 'mallory', muted_until: null }];
      },
      { sender: '@Mallory' },
    );
    expect(rig.replaced).toEqual([]);
  });

  it('a muted agent that the list names by its internal id, in the conversation that is marked', async () => {
    const rig = await chatty(({ source }) => {
      source.mutes = [{ target_kind: 'agent', target_id: 'agt_0123456789abcdef', muted_until: null }];
      const usual = source.listConversations.bind(source);
      source.listConversations = async (options) => {
        const rows = (await usual(options)).map((each) => ({ ...each, is_muted: each.id === 'conv_m' }));
        return [...rows, { id: 'conv_m', is_muted: true } as never];
      };
    });
    expect(rig.replaced).toEqual([]);
  });

  it.each<[string, (rig: EngineRig) => void]>([
    [
      'a muted agent that the list names by its internal id',
      ({ source }) => {
        source.mutes = [{ target_kind: 'agent', target_id: 'agt_0123456789abcdef', muted_until: null }];
      },
    ],
    [
      'where the source has no list of mutes',
      ({ source }) => Object.assign(source, { listMutes: undefined }),
    ],
    [
      'where the list of mutes fails',
      ({ source }) => source.next('mutes', () => Promise.reject(answer(501)), 1_000),
    ],
    ['where the list of mutes is none', ({ source }) => source.next('mutes', async () => 'x', 1_000)],
  ])('%s: a socket an hour at most, for want of knowledge', async (_name, prepare) => {
    const rig = await chatty(prepare);
    const at = rig.replaced.map((each) => each.at);
    expect(at.length).toBeGreaterThanOrEqual(1);
    expect(at.length).toBeLessThanOrEqual(3);
    for (const [n, when] of at.entries())
      if (n > 0) expect(when - (at[n - 1] ?? 0)).toBeGreaterThanOrEqual(HOUR);
    expect(rig.errors).toEqual([]);
  });

  it('the owner has paused everything: nothing is pushed, and nothing is wrong', async () => {
    const made = await engine(ackMode);
    const { rig } = made;
    Object.assign(rig.source, { getMe: async () => ({ handle: 'me', paused_by_owner: 'full' }) });
    await deafFor(60, made);
    expect(rig.replaced).toEqual([]);
  });

  it('what was held back during a pause comes by REST and by the socket at once: that is no finding', async () => {
    const { rig, service } = await engine(ackMode);
    const { rows, history, list } = rig.source;
    const held: Message[] = [];
    for (let n = 0; n < 10; n += 1) {
      await rig.clock.advance(MINUTE);
      held.push(service.write());
      Object.assign(rig.source, { rows: [], history: [], list: [] });
    }
    Object.assign(rig.source, { rows, history: [...history, ...held], list });
    if (ackMode)
      rig.source.rows = held.map((each) => row(each.seq, 'conv_a', { created_at: each.created_at }));
    else
      rig.source.list = [{ id: 'conv_a', newest_unread_seq: 11, last_message_at: held.at(-1)?.created_at }];
    await rig.clock.advance(MINUTE);
    expect(rig.engine.catchUp.hearing.findings).toBeGreaterThanOrEqual(3);
    await rig.frame(...held);
    await rig.clock.advance(HOUR);
    expect(rig.replaced).toEqual([]);
    expect(rig.handled).toHaveLength(11);
  });

  it.each(['none', 'send', undefined, 7])('a pause of %j explains nothing', async (paused_by_owner) => {
    const made = await engine(ackMode);
    Object.assign(made.rig.source, { getMe: async () => ({ handle: 'me', paused_by_owner }) });
    await deafFor(5, made);
    expect(made.rig.replaced).toHaveLength(1);
  });

  it.each([
    ['fails', () => Promise.reject(answer(500))],
    ['answers with nothing', async () => null],
  ])('getMe that %s explains nothing', async (_name, getMe) => {
    const made = await engine(ackMode);
    Object.assign(made.rig.source, { getMe });
    await deafFor(5, made);
    expect(made.rig.replaced).toHaveLength(1);
  });
});

describe('GAP-1: a muted sender in a group keeps nobody waiting', () => {
  it.each([true, false])(
    'two seconds for the first of their messages, and none for the next (acks: %s)',
    async (ackMode) => {
      const { rig, service } = await engine(ackMode);
      const waits: number[] = [];
      for (let n = 0; n < 50; n += 1) {
        service.write('conv_a', { sender: 'mallory' });
        await rig.clock.advance(5 * SECOND);
        const heard = service.write('conv_a');
        const sentAt = rig.clock.now();
        await rig.frame(heard);
        while (!rig.handled.includes(heard.id)) await rig.clock.advance(10);
        waits.push(rig.clock.now() - sentAt);
        await rig.clock.advance(7 * SECOND);
      }
      expect(waits[0]).toBe(2 * SECOND);
      expect(Math.max(...waits.slice(1))).toBeLessThanOrEqual(10);
      expect(rig.handled).toHaveLength(101);
      expect(rig.replaced).toEqual([]);
    },
  );

  it('hidden messages cost one wait, and then a second each until history has settled', async () => {
    const { rig, service } = await engine(true);
    const waits: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const hidden = service.write('conv_a');
      rig.source.history.pop();
      rig.source.rows = [];
      expect(hidden.seq).toBe(2 * n + 2);
      await rig.clock.advance(5 * SECOND);
      const heard = service.write('conv_a');
      const sentAt = rig.clock.now();
      await rig.frame(heard);
      while (!rig.handled.includes(heard.id)) await rig.clock.advance(10);
      waits.push(rig.clock.now() - sentAt);
      rig.source.rows = [];
      await rig.clock.advance(7 * SECOND);
    }
    expect(waits[0]).toBe(2 * SECOND);
    expect(Math.max(...waits.slice(1))).toBeLessThanOrEqual(1_010);
    expect(rig.replaced).toEqual([]);
    expect(rig.engine.counters).toMatchObject({ findings: 0, holes: 20, missing: 0 });
  });
});

function cannotPing(socket: object): void {
  Object.assign(socket, { canPing: false });
}

/** A whole client whose sockets can be pinged, or not. */
async function client(canPing: boolean, options: Partial<RealtimeOptions> = {}) {
  // The next socket is looked at before it is accepted.
  const rig = new ClientRig({ openTimeoutMs: MINUTE, ...options });
  rig.client.on('message.new', () => {});
  if (!canPing) rig.network.onOpenSocket = cannotPing;
  await rig.connected();
  return { rig, service: new Service(rig, true) };
}

describe('LIVE-2 in the whole client', () => {
  it('the socket is replaced, explain() tells before and after, and what it did not bring is handled', async () => {
    const { rig, service } = await client(true);
    const closes: string[] = [];
    rig.client.onDisconnect(({ reason }) => closes.push(reason));
    await rig.clock.advance(10 * SECOND);
    for (let n = 0; n < 3; n += 1) service.write();
    await rig.clock.advance(MINUTE);
    expect(rig.client.explain().hearing).toEqual({ findings: 3, lastReplacedAgoMs: null });
    expect(rig.client.explain().summary).toContain('3 messages that the socket did not bring');
    await rig.clock.advance(30 * SECOND);
    expect(closes).toEqual(['REST showed 3 messages that the socket had not brought']);
    await rig.accept();
    expect(rig.network.sockets).toHaveLength(2);
    expect(rig.client.state).toBe('connected');
    expect(rig.client.explain().summary).toMatch(/^Connected and receiving; /);
    expect(rig.client.explain().hearing.lastReplacedAgoMs).toBeLessThan(MINUTE);
    expect(rig.client.counters).toMatchObject({ handled: 3, findings: 3, socketsReplaced: 1, reconnects: 1 });
  });

  it('is cheap: while nothing is found nobody is asked anything', async () => {
    const { rig } = await client(true);
    await rig.clock.advance(6 * HOUR);
    // Once, for explain().
    expect(rig.source.count('mutes')).toBe(1);
    expect(rig.network.sockets).toHaveLength(1);
  });
});

describe('LIVE-1: a silent socket that cannot be pinged', () => {
  it('is replaced when REST shows a message that it did not bring, however that came to light', async () => {
    const { rig, service } = await client(false);
    await rig.clock.advance(20 * SECOND);
    service.write();
    // The reconcile shows it at 60 s, the silence is probed at 100 s.
    await rig.clock.advance(70 * SECOND);
    expect(rig.client.counters.handled).toBe(1);
    expect(rig.network.sockets).toHaveLength(1);
    await rig.clock.advance(20 * SECOND);
    expect(rig.network.sockets).toHaveLength(2);
    expect(rig.client.counters.socketsReplaced).toBe(1);
  });

  it('also without acks, where a fill has to bring it first', async () => {
    const rig = new ClientRig({ reconcileIntervalMs: 0 });
    rig.client.on('message.new', () => {});
    rig.network.onOpenSocket = cannotPing;
    const connecting = rig.client.connect();
    await rig.accept([]);
    await connecting;
    const service = new Service(rig, false);
    await rig.clock.advance(20 * SECOND);
    service.write();
    await rig.clock.advance(90 * SECOND);
    expect(rig.client.counters.handled).toBe(1);
    expect(rig.network.sockets).toHaveLength(2);
  });

  it('is left alone when nothing was sent', async () => {
    const { rig } = await client(false);
    await rig.clock.advance(6 * HOUR);
    expect(rig.network.sockets).toHaveLength(1);
  });

  it('is left alone when what was sent is muted: no reconnect loop', async () => {
    const { rig, service } = await client(false);
    rig.source.mutes = [{ target_kind: 'conversation', target_id: 'conv_a', muted_until: null }];
    for (let minute = 0; minute < 150; minute += 1) {
      service.write();
      await rig.clock.advance(MINUTE);
    }
    expect(rig.network.sockets).toHaveLength(1);
    expect(rig.client.counters.handled).toBeGreaterThanOrEqual(149);
  });

  it('is left alone when the message is brought while REST shows it', async () => {
    const { rig, service } = await client(false, { reconcileIntervalMs: 0 });
    await rig.clock.advance(99 * SECOND);
    const written = service.write();
    await rig.clock.advance(2 * SECOND);
    expect(rig.client.explain().hearing.findings).toBe(1);
    await rig.frame(written);
    await rig.clock.advance(MINUTE);
    expect(rig.network.sockets).toHaveLength(1);
    expect(rig.client.counters).toMatchObject({ handled: 1, socketsReplaced: 0 });
  });
});
