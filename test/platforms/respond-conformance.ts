import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RetryPolicy } from '../../src/http/index.js';
import { DEFAULT_RETRY_POLICY } from '../../src/http/index.js';
import type { Respondent } from '../../src/platforms/shared/respondent.js';
import type { ThoughtAsk, ThoughtEvent } from '../../src/platforms/shared/thought.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { deferred } from './support/deferred.js';
import { shown } from './support/shown.js';
import { replies, type TurnScript } from './support/turn-script.js';

/** What a rig is made with; all of it must reach the client. */
export interface RigOptions {
  readonly fetch: typeof fetch;
  readonly clock: VirtualClock;
  readonly retry: RetryPolicy;
}

/** A thinker of a platform, and its stand-in. */
export interface RespondentRig {
  readonly respondent: Respondent;
  /** Decides what becomes of the next requests for a reply. */
  script(...turns: readonly TurnScript[]): void;
  /** The texts of the requests for a reply that have come, also of those that were refused. */
  asked(): readonly string[];
  /** How many replies the stand-in is streaming. */
  openStreams(): number;
  /** What nobody may see. */
  readonly secrets: readonly string[];
  /** Whether its last frame holds the whole reply, which may differ from its pieces. */
  readonly repeatsReply: boolean;
  close(): Promise<void>;
}

const ASK: ThoughtAsk = { conversationKey: 'alice' };

/** The rules that each text platform keeps when it thinks: those of `Respondent.respond`, by their numbers. */
export function describeRespondent(
  name: string,
  make: (options: RigOptions) => Promise<RespondentRig>,
): void {
  describe(`respond of ${name}`, () => {
    let rig: RespondentRig;
    let clock: VirtualClock;
    /** How many of the next requests do not get there. */
    let unreachable: number;
    let seen: ThoughtEvent[];

    beforeEach(async () => {
      clock = new VirtualClock();
      unreachable = 0;
      seen = [];
      rig = await make({ fetch: sometimes, clock, retry: DEFAULT_RETRY_POLICY });
    });

    afterEach(async () => {
      for (const secret of rig.secrets) expect(shown([rig.respondent, seen])).not.toContain(secret);
      await expect.poll(() => rig.openStreams()).toBe(0);
      expect(clock.pendingTimers).toBe(0);
      await rig.close();
    });

    const sometimes: typeof fetch = (input, init) => {
      if (unreachable === 0) return fetch(input, init);
      unreachable -= 1;
      const cause = Object.assign(new Error('connect ECONNREFUSED'), {
        code: 'ECONNREFUSED',
        syscall: 'connect',
      });
      return Promise.reject(new TypeError('fetch failed', { cause }));
    };

    const respond = (input = 'hi', ask: Partial<ThoughtAsk> = {}) =>
      rig.respondent.respond(input, { ...ASK, ...ask });

    async function all(events: AsyncIterable<ThoughtEvent>): Promise<ThoughtEvent[]> {
      const found: ThoughtEvent[] = [];
      for await (const event of events) {
        found.push(event);
        seen.push(event);
      }
      return found;
    }

    /** Runs until the client waits for something that is so far away. */
    const untilPause = (ms: number) =>
      expect.poll(() => (clock.nextTimerAt ?? 0) - clock.now(), { interval: 2 }).toBe(ms);

    const texts = (events: readonly ThoughtEvent[]) =>
      events.flatMap((event) => (event.type === 'token' ? [event.text] : []));

    describe('rule 1: one terminal event, the last', () => {
      it('is done', async () => {
        rig.script(replies('Hello', ' there'));
        const events = await all(respond());
        expect(texts(events).join('')).toBe('Hello there');
        expect(events.filter(({ type }) => type === 'done' || type === 'error')).toHaveLength(1);
        expect(events.at(-1)).toMatchObject({ type: 'done', text: 'Hello there' });
      });

      it('is error where the platform says so in the stream', async () => {
        rig.script([
          { do: 'say', text: 'Hel' },
          { do: 'fail', message: 'the model is gone' },
        ]);
        const events = await all(respond());
        expect(texts(events)).toEqual(['Hel']);
        const last = events.at(-1);
        expect(last).toMatchObject({ type: 'error', error: { platform: name, name: expect.any(String) } });
        expect(last?.type === 'error' && last.error.message).toContain('the model is gone');
        expect(events.filter(({ type }) => type === 'error')).toHaveLength(1);
      });

      it.each([
        [400, 'bad_request'],
        [401, 'auth'],
        [403, 'permission'],
        [422, 'validation'],
        [500, 'server'],
      ] as const)('is error where the platform refuses: %i', async (refuse, kind) => {
        rig.script({ refuse });
        const events = await all(respond());
        expect(events).toMatchObject([{ type: 'error', error: { kind, status: refuse } }]);
        expect(rig.asked()).toHaveLength(1);
      });

      it('is error of kind interrupted where the body ends without a word', async () => {
        rig.script([{ do: 'end' }]);
        expect(await all(respond())).toMatchObject([{ type: 'error', error: { kind: 'interrupted' } }]);
      });

      it('is error of kind interrupted where the connection breaks', async () => {
        rig.script([{ do: 'say', text: 'Hel' }, { do: 'cut' }]);
        const events = await all(respond());
        expect(events.at(-1)).toMatchObject({
          type: 'error',
          error: { kind: 'interrupted', outcome: 'unknown' },
        });
        expect(events.slice(0, -1)).toMatchObject([{ type: 'token', text: 'Hel' }]);
      });

      it('and nothing is thrown but what was passed wrongly, at once', () => {
        expect(() => respond('')).toThrow(
          expect.objectContaining({ name: 'ValidationError', field: 'input' }),
        );
        const wrong: [Partial<ThoughtAsk>, string][] = [
          [{ conversationKey: '' }, 'conversationKey'],
          [{ sginal: undefined } as never, 'sginal'],
          [{ signal: {} as never }, 'signal'],
          [{ hints: 'x' as never }, 'hints'],
        ];
        for (const [ask, field] of wrong)
          expect(() => respond('hi', ask)).toThrow(expect.objectContaining({ field }));
        expect(rig.asked()).toEqual([]);
      });
    });

    describe('rule 2: abort is no error, and closes the connection at once', () => {
      it('before the first event is asked for', async () => {
        expect(await all(respond('hi', { signal: AbortSignal.abort() }))).toEqual([]);
        expect(rig.asked()).toEqual([]);
      });

      it('while the platform says nothing', async () => {
        const never = deferred<void>();
        rig.script([{ do: 'wait', until: never.promise }]);
        const controller = new AbortController();
        const running = all(respond('hi', { signal: controller.signal }));
        await expect.poll(() => rig.openStreams()).toBe(1);
        controller.abort();
        expect(await running).toEqual([]);
        await expect.poll(() => rig.openStreams()).toBe(0);
        never.resolve();
      });

      it('between two events, also while nobody asks for one', async () => {
        const never = deferred<void>();
        rig.script([
          { do: 'say', text: 'Hel' },
          { do: 'wait', until: never.promise },
        ]);
        const controller = new AbortController();
        const events = respond('hi', { signal: controller.signal });
        expect(await events.next()).toMatchObject({ value: { type: 'token' } });
        controller.abort();
        await expect.poll(() => rig.openStreams()).toBe(0);
        expect(await events.next()).toEqual({ done: true, value: undefined });
        never.resolve();
      });

      it('when the loop is left', async () => {
        const never = deferred<void>();
        rig.script([
          { do: 'say', text: 'Hel' },
          { do: 'wait', until: never.promise },
        ]);
        for await (const event of respond()) {
          expect(event.type).toBe('token');
          break;
        }
        await expect.poll(() => rig.openStreams()).toBe(0);
        never.resolve();
      });

      it('when the loop is left while it waits', async () => {
        const never = deferred<void>();
        rig.script([{ do: 'wait', until: never.promise }]);
        const events = respond();
        const waiting = events.next();
        await expect.poll(() => rig.openStreams()).toBe(1);
        await events.return?.();
        expect(await waiting).toEqual({ done: true, value: undefined });
        await expect.poll(() => rig.openStreams()).toBe(0);
        never.resolve();
      });

      it('in the pause before another attempt', async () => {
        rig.script({ refuse: 503, headers: { 'retry-after': '5' } });
        const controller = new AbortController();
        const running = all(respond('hi', { signal: controller.signal }));
        await untilPause(5_000);
        controller.abort();
        expect(await running).toEqual([]);
        expect(rig.asked()).toHaveLength(1);
      });

      it('and leaves no listener on the signal', async () => {
        const { signal } = new AbortController();
        let listeners = 0;
        const { addEventListener, removeEventListener } = signal;
        signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
          listeners += 1;
          addEventListener.apply(signal, args);
        };
        signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
          listeners -= 1;
          removeEventListener.apply(signal, args);
        };
        rig.script(replies('Hello'));
        await all(respond('hi', { signal }));
        expect(listeners).toBe(0);
      });
    });

    it('rule 3: the text of done is the reply, whatever the tokens add up to', async () => {
      rig.script([
        { do: 'say', text: 'Hel' },
        { do: 'finish', text: 'Something else' },
      ]);
      const text = rig.repeatsReply ? 'Something else' : 'Hel';
      expect((await all(respond())).at(-1)).toMatchObject({ type: 'done', text });
    });

    describe('rule 4: nothing is repeated after the first event', () => {
      it.each([429, 503])('before it, what was refused with %i is, after Retry-After', async (refuse) => {
        rig.script({ refuse, headers: { 'retry-after': '2' } }, replies('Hello'));
        const running = all(respond());
        await untilPause(2_000);
        await clock.advance(1_999);
        expect(rig.asked()).toHaveLength(1);
        await clock.advance(1);
        expect((await running).at(-1)).toMatchObject({ type: 'done', text: 'Hello' });
        expect(rig.asked()).toEqual(['hi', 'hi']);
      });

      it('before it, what never got there is', async () => {
        unreachable = 2;
        rig.script(replies('Hello'));
        const running = all(respond());
        const done = running.then(() => true);
        let isDone = false;
        void done.then(() => {
          isDone = true;
        });
        // The pauses are spread by chance.
        while (!isDone) {
          await new Promise((resolve) => setImmediate(resolve));
          if (unreachable > 0 || rig.asked().length === 0) await clock.advance(100);
        }
        expect((await running).at(-1)).toMatchObject({ type: 'done', text: 'Hello' });
        expect(rig.asked()).toEqual(['hi']);
      });

      it('a Retry-After of an hour is not waited for, but told', async () => {
        rig.script({ refuse: 429, headers: { 'retry-after': '3600' } });
        expect(await all(respond())).toMatchObject([
          { type: 'error', error: { kind: 'rate_limit', retryAfterMs: 3_600_000, retryable: true } },
        ]);
        expect(rig.asked()).toHaveLength(1);
      });

      it('after it, a broken connection is not', async () => {
        rig.script([{ do: 'say', text: 'Hel' }, { do: 'cut' }]);
        expect((await all(respond())).at(-1)).toMatchObject({
          type: 'error',
          error: { kind: 'interrupted' },
        });
        expect(rig.asked()).toHaveLength(1);
      });
    });

    describe('rule 5: one conversation, one turn at a time', () => {
      it('in the order in which they were asked for; others run beside them', async () => {
        const gate = deferred<void>();
        const first = [{ do: 'wait', until: gate.promise }, ...(replies('1') as [])] as TurnScript;
        rig.script(first, replies('2'), replies('3'));
        const running = all(respond('one'));
        await expect.poll(() => rig.asked()).toEqual(['one']);
        const second = all(respond('two'));
        const beside = all(respond('beside', { conversationKey: 'bob' }));
        expect((await beside).at(-1)).toMatchObject({ type: 'done', text: '2' });
        expect(rig.asked()).toEqual(['one', 'beside']);
        gate.resolve();
        expect((await running).at(-1)).toMatchObject({ type: 'done', text: '1' });
        expect((await second).at(-1)).toMatchObject({ type: 'done', text: '3' });
        expect(rig.asked()).toEqual(['one', 'beside', 'two']);
      });

      it('who gives up while it waits lets the next one go', async () => {
        const gate = deferred<void>();
        rig.script(
          [{ do: 'wait', until: gate.promise }, ...(replies('1') as [])] as TurnScript,
          replies('3'),
        );
        const controller = new AbortController();
        const first = all(respond('one'));
        const second = all(respond('two', { signal: controller.signal }));
        const third = all(respond('three'));
        await expect.poll(() => rig.asked()).toEqual(['one']);
        controller.abort();
        expect(await second).toEqual([]);
        gate.resolve();
        expect((await first).at(-1)).toMatchObject({ type: 'done', text: '1' });
        expect((await third).at(-1)).toMatchObject({ type: 'done', text: '3' });
        expect(rig.asked()).toEqual(['one', 'three']);
      });

      it('a turn that is left in the middle lets the next one go', async () => {
        const never = deferred<void>();
        rig.script(
          [
            { do: 'say', text: 'Hel' },
            { do: 'wait', until: never.promise },
          ],
          replies('2'),
        );
        for await (const event of respond('one')) {
          expect(event.type).toBe('token');
          break;
        }
        expect((await all(respond('two'))).at(-1)).toMatchObject({ type: 'done', text: '2' });
        never.resolve();
      });

      it('who asks for nothing after the terminal event lets the next one go, and holds no connection', async () => {
        const reply = replies('1');
        rig.script(reply, { refuse: 400 }, replies('3'));
        const untilTerminal = async (text: string) => {
          const events = respond(text);
          for (;;) {
            const { value } = await events.next();
            if (value?.type === 'done' || value?.type === 'error') return { last: value.type, events };
          }
        };
        const first = await untilTerminal('one');
        await expect.poll(() => rig.openStreams()).toBe(0);
        const second = await untilTerminal('two');
        expect([first.last, second.last]).toEqual(['done', 'error']);
        expect((await all(respond('three'))).at(-1)).toMatchObject({ type: 'done', text: '3' });
        expect(await first.events.next()).toEqual({ done: true, value: undefined });
      });

      it('goes on in the same conversation', async () => {
        rig.script(replies('1'), replies('2'));
        const [first, second] = [await all(respond('one')), await all(respond('two'))];
        const idOf = (events: ThoughtEvent[]) => {
          const last = events.at(-1);
          return last?.type === 'done' ? last.remoteId : undefined;
        };
        expect(idOf(first)).toBe(idOf(second));
      });
    });

    it('rule 6: a platform that echoes the key shows it to nobody', async () => {
      const [secret = 'none'] = rig.secrets;
      rig.script({ refuse: 400, body: { detail: `not with ${secret}`, message: secret } });
      const events = await all(respond());
      expect(events).toMatchObject([{ type: 'error' }]);
      expect(shown(events)).not.toContain(secret);
    });

    it('rule 6: so does one that echoes the key in the frame of a failure', async () => {
      const [secret = 'none'] = rig.secrets;
      rig.script([{ do: 'fail', message: `the key ${secret} has expired` }]);
      const events = await all(respond());
      expect(events).toMatchObject([{ type: 'error' }]);
      expect(shown(events)).toContain('has expired');
      expect(shown(events)).not.toContain(secret);
    });

    it('rule 7: frames that nobody knows are skipped', async () => {
      const [hello, done] = replies('Hello') as [never, never];
      rig.script([{ do: 'unknown' }, hello, { do: 'unknown' }, done]);
      const events = await all(respond());
      expect(texts(events)).toEqual(['Hello']);
      expect(events.at(-1)).toMatchObject({ type: 'done', text: 'Hello' });
    });
  });
}
