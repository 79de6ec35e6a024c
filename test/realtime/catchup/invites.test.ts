import { describe, expect, it } from 'vitest';
import type { AgentChatClientError } from '../../../src/errors/index.js';
import { INVITE_EVENT, Invites } from '../../../src/realtime/catchup/invites.js';
import { ClientRig } from '../client-rig.js';
import { answer } from './answers.js';
import { EngineRig, message, row } from './engine-rig.js';
import { restPorts } from './rest-ports.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function invite(id: string, extra: object = {}) {
  return {
    id,
    group_id: `grp_${id}`,
    group_name: 'builders',
    group_member_count: 3,
    inviter_handle: 'alice',
    created_at: '2026-01-01T00:00:01.000Z',
    ...extra,
  };
}

/** The engine with somebody who listens to invitations. */
function listening() {
  const rig = new EngineRig();
  rig.engine.catchUp.setListening(INVITE_EVENT, true);
  const push = (payload: unknown) => {
    const frame = { type: INVITE_EVENT, payload };
    if (rig.engine.catchUp.isNews(frame)) rig.emitted.push({ frame, source: 'live' });
  };
  const given = () =>
    rig.emitted.map(({ frame, source }) => `${(frame.payload as { id: string }).id} ${source}`);
  const reconnect = async () => {
    await rig.lost();
    await rig.clock.advance(5_000);
    await rig.hello();
  };
  return { rig, push, given, reconnect };
}

describe('CATCH-1: group invitations, which are pushed once and never again', () => {
  it('are read after every hello.ok, and given to the same handlers', async () => {
    const { rig, given, reconnect } = listening();
    rig.source.invites = [invite('i1'), invite('i2', { brand_new_field: 1 })];
    await rig.hello();
    expect(given()).toEqual(['i1 drain', 'i2 drain']);
    expect(rig.emitted[1]?.frame).toEqual({ type: INVITE_EVENT, payload: rig.source.invites[1] });
    rig.source.invites.push(invite('i3'));
    await reconnect();
    await reconnect();
    expect(given()).toEqual(['i1 drain', 'i2 drain', 'i3 drain']);
    expect(rig.source.count('invites')).toBe(3);
    await rig.clock.advance(HOUR);
    expect(rig.source.count('invites')).toBe(3);
  });

  it('do not keep the drain waiting', async () => {
    const { rig } = listening();
    rig.source.rows = [row(1)];
    rig.source.next('invites', () => new Promise(() => {}));
    await rig.hello();
    expect(rig.handled).toEqual(['a1']);
    expect(rig.source.asked.slice(0, 2)).toEqual(['sync', 'invites']);
  });

  it('that were pushed are not given again by the list', async () => {
    const { rig, push, given, reconnect } = listening();
    await rig.hello();
    push(invite('i1'));
    // Two ways to write the same moment.
    rig.source.invites = [invite('i1', { created_at: '2026-01-01T00:00:01.000000+00:00' })];
    await reconnect();
    await rig.clock.advance(HOUR);
    await reconnect();
    expect(given()).toEqual(['i1 live']);
  });

  it('that the list showed are not given again by the push that comes after it', async () => {
    const { rig, push, given } = listening();
    rig.source.invites = [invite('i1')];
    await rig.hello();
    push(invite('i1'));
    expect(given()).toEqual(['i1 drain']);
  });

  it('that are pushed while the list is read are given once', async () => {
    const { rig, push, given, reconnect } = listening();
    let answerList = (_: unknown) => {};
    rig.source.next('invites', () => new Promise((resolve) => (answerList = resolve)));
    await rig.hello();
    await rig.clock.advance(100);
    push(invite('i1'));
    // The list was put together before it, and must not make us forget it.
    answerList([]);
    await rig.clock.settle();
    rig.source.invites = [invite('i1')];
    await reconnect();
    expect(given()).toEqual(['i1 live']);
  });
});

describe('an invitation that was answered and is issued again is given again', () => {
  it('by the list, under the same id, when the list had not shown it meanwhile', async () => {
    const { rig, given, reconnect } = listening();
    rig.source.invites = [invite('i1')];
    await rig.hello();
    rig.source.invites = [];
    await reconnect();
    rig.source.invites = [invite('i1')];
    await reconnect();
    expect(given()).toEqual(['i1 drain', 'i1 drain']);
  });

  it('by the list, under the same id, with another date', async () => {
    const { rig, given, reconnect } = listening();
    rig.source.invites = [invite('i1')];
    await rig.hello();
    rig.source.invites = [invite('i1', { created_at: '2026-01-01T00:00:05.000Z' })];
    await reconnect();
    expect(given()).toEqual(['i1 drain', 'i1 drain']);
  });

  it.each([
    ['with another date', 0, { created_at: '2026-01-01T00:00:05.000Z' }],
    ['a minute later', MINUTE, {}],
    ['a minute later, without a date', MINUTE, { created_at: undefined }],
  ])('by a push under the same id, %s', async (_, after, extra) => {
    const { rig, push, given } = listening();
    rig.source.invites = [invite('i1')];
    await rig.hello();
    await rig.clock.advance(after);
    push(invite('i1', extra));
    expect(given()).toEqual(['i1 drain', 'i1 live']);
  });

  it.each([[null], [7], ['never'], [{}], [[]]])('with the date %j the id alone tells', async (created_at) => {
    const { rig, given, push, reconnect } = listening();
    rig.source.invites = [invite('i1', { created_at })];
    await rig.hello();
    push(invite('i1', { created_at }));
    await reconnect();
    expect(given()).toEqual(['i1 drain']);
  });
});

describe('while nobody listens to invitations', () => {
  it('nothing is asked', async () => {
    const rig = new EngineRig();
    rig.source.invites = [invite('i1')];
    await rig.hello();
    await rig.lost();
    await rig.hello();
    await rig.clock.advance(HOUR);
    expect(rig.source.count('invites')).toBe(0);
  });

  it('one who comes during a session is given what waits, also what was pushed to nobody', async () => {
    const rig = new EngineRig();
    await rig.hello();
    expect(rig.engine.catchUp.isNews({ type: INVITE_EVENT, payload: invite('i1') })).toBe(true);
    rig.source.invites = [invite('i1')];
    await rig.clock.advance(HOUR);
    rig.engine.catchUp.setListening(INVITE_EVENT, true);
    await rig.clock.settle();
    expect(rig.emitted).toHaveLength(1);
  });

  it('one who leaves and comes back is given what came between, and nothing twice', async () => {
    const { rig, given } = listening();
    rig.source.invites = [invite('i1')];
    await rig.hello();
    rig.engine.catchUp.setListening(INVITE_EVENT, false);
    rig.source.invites.push(invite('i2'));
    rig.engine.catchUp.setListening(INVITE_EVENT, true);
    await rig.clock.settle();
    expect(given()).toEqual(['i1 drain', 'i2 drain']);
  });

  it('other events start nothing', async () => {
    const rig = new EngineRig();
    await rig.hello();
    rig.engine.catchUp.setListening('typing.start', true);
    await rig.clock.settle();
    expect(rig.source.count('invites')).toBe(0);
  });

  it('one who leaves in the middle of the list gets no more of it, and the rest later', async () => {
    const clock = new EngineRig().clock;
    const given: string[] = [];
    const source = { listGroupInvites: async () => [invite('i1'), invite('i2')] };
    const invites: Invites = new Invites(restPorts(clock, source), {
      emit: ({ payload }) => {
        given.push((payload as { id: string }).id);
        if (given.length === 1) invites.setListening(false);
      },
    });
    invites.setListening(true);
    invites.sessionStarted();
    await clock.settle();
    expect(given).toEqual(['i1']);
    invites.setListening(true);
    await clock.settle();
    expect(given).toEqual(['i1', 'i2']);
  });
});

describe('the list of invitations, when it is not to be had', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['a 503', () => Promise.reject(answer(503))],
    ['a network failure', () => Promise.reject(new TypeError('fetch failed'))],
    ['an answer that is no list', () => Promise.resolve({ items: [] })],
    ['nothing', () => Promise.resolve(undefined)],
  ])('%s: told once, asked again', async (_name, instead) => {
    const { rig, given } = listening();
    rig.source.invites = [invite('i1')];
    rig.source.next('invites', instead, 4);
    await rig.hello();
    await rig.clock.advance(MINUTE);
    expect(given()).toEqual(['i1 drain']);
    expect(rig.source.count('invites')).toBe(5);
    expect(rig.errors).toHaveLength(1);
  });

  it('is asked for with growing pauses, never before a Retry-After, and while the session lives only', async () => {
    const { rig } = listening();
    rig.source.next('invites', () => Promise.reject(answer(429, { retryAfterMs: 45_000 })));
    rig.source.next('invites', () => Promise.reject(answer(500)), 1_000);
    await rig.hello();
    await rig.clock.advance(44_000);
    expect(rig.source.count('invites')).toBe(1);
    await rig.clock.advance(10 * MINUTE);
    const asked = rig.source.count('invites');
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(40);
    await rig.lost();
    await rig.clock.advance(HOUR);
    expect(rig.source.count('invites')).toBe(asked);
    // One of each kind.
    expect(rig.errors).toHaveLength(2);
  });

  it.each([404, 405, 501])('%i: there are no invitations here, and nothing is wrong', async (status) => {
    const { rig, reconnect } = listening();
    rig.source.next('invites', () => Promise.reject(answer(status)), 2);
    await rig.hello();
    await rig.clock.advance(HOUR);
    await reconnect();
    await rig.clock.advance(HOUR);
    expect(rig.source.count('invites')).toBe(2);
    expect(rig.errors).toEqual([]);
  });

  it.each([400, 403])('%i: told once, and asked again in the next session', async (status) => {
    const { rig, given, reconnect } = listening();
    rig.source.invites = [invite('i1')];
    rig.source.next('invites', () => Promise.reject(answer(status)), 2);
    await rig.hello();
    await rig.clock.advance(HOUR);
    await reconnect();
    await rig.clock.advance(HOUR);
    expect(rig.source.count('invites')).toBe(2);
    expect(rig.errors).toHaveLength(1);
    await reconnect();
    expect(given()).toEqual(['i1 drain']);
  });

  it('is done without where the source has none', async () => {
    const { rig, push, given } = listening();
    Object.assign(rig.source, { listGroupInvites: undefined });
    await rig.hello();
    push(invite('i1'));
    expect(given()).toEqual(['i1 live']);
    expect(rig.errors).toEqual([]);
  });

  it('is dropped when it answers for a session that is over', async () => {
    const { rig, given } = listening();
    let answerList = (_: unknown) => {};
    rig.source.next('invites', () => new Promise((resolve) => (answerList = resolve)));
    await rig.hello();
    await rig.lost();
    answerList([invite('i1')]);
    await rig.clock.advance(MINUTE);
    expect(given()).toEqual([]);
    await rig.hello();
    answerList([invite('i2')]);
    await rig.clock.settle();
    expect(given()).toEqual([]);
  });

  it('is dropped when it answers after the stop has begun (STOP-1)', async () => {
    const { rig, given } = listening();
    let answerList = (_: unknown) => {};
    rig.source.next('invites', () => new Promise((resolve) => (answerList = resolve)));
    await rig.hello();
    const stopped = rig.engine.stop(1_000);
    answerList([invite('i1')]);
    await rig.clock.advance(2_000);
    await stopped;
    expect(given()).toEqual([]);
  });
});

describe('what the list of invitations may hold', () => {
  it('is either a list or one in an envelope', async () => {
    const { rig, given } = listening();
    rig.source.next('invites', () => Promise.resolve({ invites: [invite('i1')], next_cursor: null }));
    await rig.hello();
    expect(given()).toEqual(['i1 drain']);
  });

  it('malformed rows are skipped, counted, and told once', async () => {
    const { rig, given, reconnect } = listening();
    const junk = [
      null,
      7,
      'x',
      [],
      {},
      { id: 7 },
      { id: '' },
      { id: { toString: null } },
      Object.create(null),
    ];
    rig.source.invites = [...junk, invite('i1'), invite('i1'), ...junk, invite('i2')];
    await rig.hello();
    expect(given()).toEqual(['i1 drain', 'i2 drain']);
    expect(rig.engine.counters.malformed).toBe(2 * junk.length);
    expect(rig.errors.map(({ name }) => name)).toEqual(['ProtocolError', 'ProtocolError']);
    await reconnect();
    expect(rig.errors).toHaveLength(2);
    expect(given()).toHaveLength(2);
  });

  it.each([null, 7, 'text', [], {}, { id: 7 }])('a push with the payload %j passes', (payload) => {
    const { rig } = listening();
    expect(rig.engine.catchUp.isNews({ type: INVITE_EVENT, payload })).toBe(true);
    expect(rig.engine.catchUp.isNews({ type: INVITE_EVENT, payload })).toBe(true);
  });

  it('what is remembered is bounded', async () => {
    const { rig, push } = listening();
    await rig.hello();
    for (let n = 0; n < 25_000; n += 1) push(invite(`i${n}`));
    const { catchUp } = rig.engine as unknown as { catchUp: { invites: { given: Map<string, unknown> } } };
    expect(catchUp.invites.given.size).toBe(10_000);
    expect(catchUp.invites.given.has('i24999')).toBe(true);
  });
});

describe('group invitations in the whole client', () => {
  it('come through on(), with their source, once, and a failing handler harms nothing', async () => {
    const rig = new ClientRig();
    const errors: AgentChatClientError[] = [];
    rig.client.onError((error) => errors.push(error));
    const got: string[] = [];
    rig.source.invites = [invite('i1'), invite('i2')];
    const off = rig.client.on('group.invite.received', ({ payload }, { source }) => {
      got.push(`${payload.id} ${source}`);
      if (payload.id === 'i1') throw new Error('on purpose');
    });
    rig.client.on('message.new', () => {});
    await rig.connected();
    rig.network.last.frame({ type: 'group.invite.received', payload: invite('i2') });
    rig.network.last.frame({ type: 'group.invite.received', payload: invite('i3') });
    expect(got).toEqual(['i1 drain', 'i2 drain', 'i3 live']);
    expect(errors).toHaveLength(1);
    off();
    rig.network.last.frame({ type: 'group.invite.received', payload: invite('i4') });
    rig.source.invites = [invite('i4')];
    rig.client.on('group.invite.received', ({ payload }, { source }) => got.push(`${payload.id} ${source}`));
    await rig.clock.settle();
    expect(got.at(-1)).toBe('i4 drain');
    await rig.frame(message(1));
    expect(rig.client.counters.handled).toBe(1);
  });

  it('are pushed through without a source', async () => {
    const rig = new ClientRig({ client: undefined });
    const got: string[] = [];
    rig.client.on('group.invite.received', ({ payload }) => got.push(payload.id));
    await rig.connected();
    rig.network.last.frame({ type: 'group.invite.received', payload: invite('i1') });
    expect(got).toEqual(['i1']);
  });

  it('leave no life behind when the client stops while they are asked for (STOP-1)', async () => {
    const rig = new ClientRig();
    rig.client.on('group.invite.received', () => {});
    rig.source.next('invites', () => Promise.reject(answer(500)), 100);
    const socket = await rig.connected();
    const stopped = rig.client.disconnect();
    await rig.clock.settle();
    socket.end({ code: 1000, wasClean: true });
    await rig.clock.advance(1_000);
    await stopped;
    const asked = rig.source.count('invites');
    await rig.clock.advance(HOUR);
    expect(rig.source.count('invites')).toBe(asked);
    expect(rig.clock.pendingTimers).toBe(0);
  });
});
