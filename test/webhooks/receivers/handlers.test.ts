import { describe, expect, it, vi } from 'vitest';
import { AgentChatClientError, HandlerError } from '../../../src/errors/index.js';
import { type Adapter, adapters, answeringAtOnce } from './kit/adapters.js';
import { messageBody, type Outgoing, signed } from './kit/request.js';
import { ask, gate, start } from './kit/rigs.js';
import { TestStore } from './kit/stores.js';

const ACCEPTED = { status: 200, received: true };
const DUPLICATE = { status: 200, received: true, duplicate: true };
const FAILED = { status: 500, code: 'HANDLER_FAILED' };
const TRY_LATER = { status: 503, code: 'TRY_LATER' };

/** What code that people write can do. */
const FAILURES: readonly (readonly [string, () => unknown])[] = [
  [
    'throws',
    () => {
      throw new Error('my mistake');
    },
  ],
  ['rejects', () => Promise.reject(new Error('secret details'))],
  [
    'throws an object that cannot be shown',
    () => {
      throw Object.create(null);
    },
  ],
  ['rejects with undefined', () => Promise.reject(undefined)],
  [
    'gives a promise-like thing that throws',
    () => ({
      // biome-ignore lint/suspicious/noThenProperty: what a handler must not do, and may.
      then() {
        throw new Error('my mistake');
      },
    }),
  ],
];

/** One that also takes the event apart before. */
function spoiling(fail: () => unknown) {
  return (event: { data: unknown; event: unknown }) => {
    event.data = null;
    event.event = Symbol('spoiled');
    return fail();
  };
}

const idOf = (outgoing: Outgoing): string => {
  const { data } = JSON.parse(Buffer.from(outgoing.body).toString()) as { data: { id: string } };
  return data.id;
};

describe.each(adapters)('$name, answering when it is handled', (adapter) => {
  const respond = 'when-handled';

  it.each(FAILURES)(
    'answers 500 when a handler %s, tells the owner, and handles the next copy',
    async (_how, fail) => {
      const errors: AgentChatClientError[] = [];
      const store = new TestStore();
      let calls = 0;
      const onEvent = spoiling(() => (++calls === 1 ? fail() : undefined));
      const rig = await start(adapter, {
        respond,
        dedupe: store,
        onEvent,
        onError: (error) => errors.push(error),
      });
      const outgoing = signed();
      const answer = await ask(rig, outgoing);
      expect(answer).toMatchObject(FAILED);
      expect(JSON.stringify(answer)).not.toContain('secret details');
      expect(errors).toEqual([expect.any(HandlerError)]);
      expect(errors[0]).toMatchObject({ code: 'HANDLER_FAILED', messageId: idOf(outgoing) });
      expect(await ask(rig, outgoing)).toEqual(ACCEPTED);
      expect(await ask(rig, outgoing)).toEqual(DUPLICATE);
      expect(calls).toBe(2);
      expect(store.asked).toEqual(['claim', 'release', 'claim', 'commit', 'claim']);
    },
  );

  it('does not answer before the handler has ended', async () => {
    const { opened, open } = gate();
    const begun = gate();
    let answered = false;
    const rig = await start(adapter, {
      respond,
      onEvent() {
        begun.open();
        return opened;
      },
    });
    const answer = ask(rig, signed()).finally(() => {
      answered = true;
    });
    await begun.opened;
    expect(answered).toBe(false);
    open();
    expect(await answer).toEqual(ACCEPTED);
  });

  it('handles one of two copies at the same time, and answers both alike', async () => {
    const { opened, open } = gate();
    const begun = gate();
    let calls = 0;
    const rig = await start(adapter, {
      respond,
      dedupe: new TestStore(),
      onEvent() {
        calls += 1;
        begun.open();
        return opened;
      },
    });
    const outgoing = signed();
    const answers = [ask(rig, outgoing), ask(rig, outgoing), ask(rig, outgoing)];
    await begun.opened;
    open();
    const said = await Promise.all(answers);
    expect(said.sort((a, b) => Object.keys(a).length - Object.keys(b).length)).toEqual([
      ACCEPTED,
      DUPLICATE,
      DUPLICATE,
    ]);
    expect(calls).toBe(1);
  });

  it('answers every copy 500 when the one that is handled fails', async () => {
    const { opened, open } = gate();
    const begun = gate();
    const rig = await start(adapter, {
      respond,
      dedupe: new TestStore(),
      async onEvent() {
        begun.open();
        await opened;
        throw new Error('failed');
      },
    });
    const outgoing = signed();
    const answers = [ask(rig, outgoing), ask(rig, outgoing)];
    await begun.opened;
    open();
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject(FAILED);
  });

  it('handles every copy when there is no store', async () => {
    let calls = 0;
    const rig = await start(adapter, { respond, onEvent: () => ++calls });
    const outgoing = signed();
    expect([await ask(rig, outgoing), await ask(rig, outgoing)]).toEqual([ACCEPTED, ACCEPTED]);
    expect(calls).toBe(2);
  });

  it('knows an event without an id by its bytes', async () => {
    let calls = 0;
    const rig = await start(adapter, { respond, dedupe: new TestStore(), onEvent: () => ++calls });
    const read = (seq: number) =>
      signed(`{"event":"message.read","timestamp":"","data":{"conversation_id":"c","through_seq":${seq}}}`);
    expect(await ask(rig, read(1))).toEqual(ACCEPTED);
    expect(await ask(rig, read(1))).toEqual(DUPLICATE);
    expect(await ask(rig, read(2))).toEqual(ACCEPTED);
    expect(calls).toBe(2);
  });

  it.each(['failAt', 'throwAt'] as const)('refuses events while the store is down (%s)', async (fault) => {
    const errors: AgentChatClientError[] = [];
    let calls = 0;
    const store = new TestStore();
    store[fault]('claim');
    const rig = await start(adapter, {
      respond,
      dedupe: store,
      onEvent: () => ++calls,
      onError: (error) => errors.push(error),
    });
    const outgoing = signed();
    const answer = await rig.send(outgoing);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await ask(rig, outgoing)).toMatchObject(TRY_LATER);
    expect(errors.map(({ code }) => code)).toEqual(['STORE_FAILED', 'STORE_FAILED']);
    store.mend();
    expect(await ask(rig, outgoing)).toEqual(ACCEPTED);
    expect(calls).toBe(1);
  });

  it('handles events without the store while it is down, when that is preferred', async () => {
    const errors: AgentChatClientError[] = [];
    let calls = 0;
    const store = new TestStore();
    store.failAt('claim');
    const rig = await start(adapter, {
      respond,
      dedupe: store,
      onDedupeFailure: 'handle',
      onEvent: () => ++calls,
      onError: (error) => errors.push(error),
    });
    const outgoing = signed();
    expect([await ask(rig, outgoing), await ask(rig, outgoing)]).toEqual([ACCEPTED, ACCEPTED]);
    expect(calls).toBe(2);
    expect(errors.map(({ code }) => code)).toEqual(['STORE_FAILED', 'STORE_FAILED']);
    expect(store.asked).toEqual(['claim', 'claim']);
  });

  it.each([
    ['refuse', TRY_LATER, 0],
    ['handle', ACCEPTED, 1],
  ] as const)(
    'waits five seconds for a store that hangs, and then does as told (%s)',
    async (policy, said, handled) => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      try {
        const store = new TestStore();
        const asked = store.hangAt('claim');
        let calls = 0;
        const rig = await start(adapter, {
          respond,
          dedupe: store,
          onDedupeFailure: policy,
          onEvent: () => ++calls,
        });
        let answered = false;
        const answer = ask(rig, signed()).finally(() => {
          answered = true;
        });
        await asked;
        vi.advanceTimersByTime(4_999);
        await new Promise((resolve) => setImmediate(resolve));
        expect([calls, answered]).toEqual([0, false]);
        vi.advanceTimersByTime(1);
        expect(await answer).toMatchObject(said);
        expect(calls).toBe(handled);
      } finally {
        vi.useRealTimers();
      }
    },
  );

  it.each(['failAt', 'throwAt'] as const)(
    'answers 200 for what is handled, also when that cannot be remembered (%s)',
    async (fault) => {
      const errors: AgentChatClientError[] = [];
      const store = new TestStore();
      store[fault]('commit');
      const rig = await start(adapter, { respond, dedupe: store, onError: (error) => errors.push(error) });
      const outgoing = signed();
      expect(await ask(rig, outgoing)).toEqual(ACCEPTED);
      expect(errors).toEqual([expect.objectContaining({ code: 'STORE_FAILED' })]);
      // It is claimed until the claim expires, so a copy is not handled meanwhile.
      expect(await ask(rig, outgoing)).toMatchObject(TRY_LATER);
    },
  );

  it('answers 503 for more events at a time than it may take, and takes more when they are done', async () => {
    const { opened, open } = gate();
    const begun = gate();
    const rig = await start(adapter, {
      respond,
      maxPending: 1,
      onEvent() {
        begun.open();
        return opened;
      },
    });
    const first = ask(rig, signed());
    await begun.opened;
    expect(await ask(rig, signed())).toMatchObject(TRY_LATER);
    open();
    expect(await first).toEqual(ACCEPTED);
    expect(await ask(rig, signed())).toEqual(ACCEPTED);
  });

  it('lets no failing listener change an answer', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    for (const [, fail] of FAILURES) {
      const rig = await start(adapter, { respond, onEvent: fail, onError: fail as () => void });
      expect(await ask(rig, signed())).toMatchObject(FAILED);
      expect(
        await ask(rig, signed(messageBody(), { headers: { 'agentchat-signature': 'x' } })),
      ).toMatchObject({
        status: 400,
      });
    }
    await vi.waitFor(() => expect(log).toHaveBeenCalledTimes(2 * FAILURES.length));
  });

  it('writes to the console what nobody listens to and the owner has to know', async () => {
    const log = vi.spyOn(console, 'error').mockReturnValue();
    const rig = await start(adapter, {
      respond,
      onError: undefined,
      onEvent() {
        throw new Error('my mistake');
      },
    });
    await ask(rig, signed());
    await ask(rig, signed(messageBody(), { headers: { 'agentchat-signature': 'x' } }));
    expect(log.mock.calls).toEqual([
      [
        expect.stringMatching(
          /^agentchat-client: The handler of a webhook \(message\.new\) failed: Error: my mistake\n +at .*onEvent/,
        ),
      ],
    ]);
  });

  it('answers 500 when the clock that it was given fails', async () => {
    const errors: AgentChatClientError[] = [];
    const rig = await start(adapter, {
      respond,
      onError: (error) => errors.push(error),
      now() {
        throw Object.create(null);
      },
    });
    expect(await ask(rig, signed())).toMatchObject({ status: 500, code: 'RECEIVER_MISCONFIGURED' });
    expect(errors).toEqual([expect.any(AgentChatClientError)]);
  });
});

describe.each(answeringAtOnce)('$name, answering at once', (adapter: Adapter) => {
  const respond = 'at-once';

  it.each(FAILURES)(
    'answers 200 before a handler %s, tells the owner, and lets the event be claimed again',
    async (_how, fail) => {
      const failed = gate<AgentChatClientError>();
      const store = new TestStore();
      const { opened, open } = gate();
      const rig = await start(adapter, {
        respond,
        dedupe: store,
        onError: failed.open,
        async onEvent(event) {
          await opened;
          return spoiling(fail)(event as { data: unknown; event: unknown });
        },
      });
      const outgoing = signed();
      expect(await ask(rig, outgoing)).toEqual(ACCEPTED);
      expect(await ask(rig, outgoing)).toEqual(DUPLICATE);
      expect(await store.stateOf(idOf(outgoing))).toBe('in_progress');
      open();
      expect(await failed.opened).toMatchObject({ code: 'HANDLER_FAILED', messageId: idOf(outgoing) });
      await vi.waitFor(() => expect(store.asked).toEqual(['claim', 'release']));
      expect(await store.stateOf(idOf(outgoing))).toBe('claimed');
    },
  );

  it('remembers what was handled', async () => {
    const store = new TestStore();
    const rig = await start(adapter, { respond, dedupe: store });
    const outgoing = signed();
    expect(await ask(rig, outgoing)).toEqual(ACCEPTED);
    await vi.waitFor(async () => expect(await store.stateOf(idOf(outgoing))).toBe('done'));
    expect(await ask(rig, outgoing)).toEqual(DUPLICATE);
  });

  it('handles one of several copies at the same time', async () => {
    let calls = 0;
    const rig = await start(adapter, { respond, dedupe: new TestStore(), onEvent: () => ++calls });
    const outgoing = signed();
    const said = await Promise.all(Array.from({ length: 5 }, () => ask(rig, outgoing)));
    expect(said.filter((each) => each.duplicate === true)).toHaveLength(4);
    await vi.waitFor(() => expect(calls).toBe(1));
  });

  it('refuses events while the store is down, or handles them, as told', async () => {
    for (const [onDedupeFailure, said, handled] of [
      ['refuse', TRY_LATER, 0],
      ['handle', ACCEPTED, 1],
    ] as const) {
      const store = new TestStore();
      store.failAt('claim');
      let calls = 0;
      const rig = await start(adapter, { respond, dedupe: store, onDedupeFailure, onEvent: () => ++calls });
      expect(await ask(rig, signed())).toMatchObject(said);
      await vi.waitFor(() => expect(calls).toBe(handled));
    }
  });

  it('counts an event until it is handled, and no longer', async () => {
    const { opened, open } = gate();
    const rig = await start(adapter, { respond, maxPending: 2, onEvent: () => opened });
    expect(await ask(rig, signed())).toEqual(ACCEPTED);
    expect(await ask(rig, signed())).toEqual(ACCEPTED);
    expect(await ask(rig, signed())).toMatchObject(TRY_LATER);
    open();
    await vi.waitFor(async () => expect(await ask(rig, signed())).toEqual(ACCEPTED));
  });

  it('does not count what was refused, failed, or was a copy', async () => {
    const store = new TestStore();
    const rig = await start(adapter, {
      respond,
      maxPending: 1,
      dedupe: store,
      onEvent({ event }) {
        if (event === 'group.deleted') throw new Error('failed');
      },
    });
    const copied = signed();
    for (let round = 0; round < 3; round += 1) {
      await ask(rig, signed(messageBody(), { headers: { 'agentchat-signature': 'x' } }));
      await ask(rig, signed(''));
      await ask(rig, signed('', { method: 'GET' }));
      await vi.waitFor(async () =>
        expect(await ask(rig, signed('{"event":"group.deleted","timestamp":"","data":{}}'))).toEqual(
          ACCEPTED,
        ),
      );
      await vi.waitFor(async () => expect((await ask(rig, copied)).status).toBe(200));
      store.failAt('claim');
      expect(await ask(rig, signed())).toMatchObject(TRY_LATER);
      store.mend();
    }
    await vi.waitFor(async () => expect(await ask(rig, signed())).toEqual(ACCEPTED));
  });
});
