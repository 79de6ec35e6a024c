import { describe, expect, it } from 'vitest';
import { ValidationError } from '../../src/errors/index.js';
import { messageClaimKey, serviceClaims } from '../../src/stores/index.js';
import { VirtualClock } from '../support/virtual-clock.js';

const KEY = messageClaimKey('msg_1');

/** What the service knows: who has claimed what, and what is not acknowledged. */
class Service {
  readonly holders = new Map<string, string>();
  readonly undelivered = new Set(['msg_1']);
  claimCalls = 0;
  syncCalls = 0;
  isDown = false;

  async claimReply({ message_id, holder }: { message_id: string; holder: string }) {
    this.claimCalls += 1;
    if (this.isDown) throw new Error('down');
    const known = this.holders.get(message_id) ?? holder;
    this.holders.set(message_id, known);
    return { claimed: known === holder };
  }

  async sync({ limit }: { limit: number }) {
    this.syncCalls += 1;
    if (this.isDown) throw new Error('down');
    return [...this.undelivered].slice(0, limit).map((id) => ({ id }));
  }
}

function stage() {
  const clock = new VirtualClock();
  const service = new Service();
  const join = (holder: string) => serviceClaims(service, { holder, takeOverMs: 60_000, clock });
  return { clock, service, join };
}

describe('serviceClaims', () => {
  it('gives a message to one of two processes, and lets the other wait until it is acknowledged', async () => {
    const { clock, service, join } = stage();
    const [a, b] = [join('a'), join('b')];
    expect((await a.claim(KEY)).state).toBe('claimed');
    expect((await b.claim(KEY)).state).toBe('in_progress');
    await clock.advance(2_000);
    expect((await b.claim(KEY)).state).toBe('in_progress');
    service.undelivered.delete('msg_1');
    await clock.advance(2_000);
    expect((await b.claim(KEY)).state).toBe('done');
    expect((await b.claim(KEY)).state).toBe('done');
  });

  it('takes no message for done by a look that began before it came', async () => {
    const { clock, service, join } = stage();
    service.undelivered.clear();
    const b = join('b');
    for (const id of ['msg_0', 'msg_1']) service.holders.set(id, 'a');
    await b.claim(messageClaimKey('msg_0'));
    await clock.advance(500);
    expect((await b.claim(messageClaimKey('msg_0'))).state).toBe('done');
    service.undelivered.add('msg_1');
    expect((await b.claim(KEY)).state).toBe('in_progress');
    await clock.advance(400);
    expect((await b.claim(KEY)).state).toBe('in_progress');
    await clock.advance(2_000);
    expect((await b.claim(KEY)).state).toBe('in_progress');
  });

  it('takes a message over when its holder has not finished it in takeOverMs', async () => {
    const { clock, join } = stage();
    await join('a').claim(KEY);
    const b = join('b');
    expect((await b.claim(KEY)).state).toBe('in_progress');
    await clock.advance(59_000);
    expect((await b.claim(KEY)).state).toBe('in_progress');
    await clock.advance(1_000);
    expect((await b.claim(KEY)).state).toBe('claimed');
  });

  it('gives a process that was started again under its name its messages back', async () => {
    const { join } = stage();
    await join('a').claim(KEY);
    expect((await join('a').claim(KEY)).state).toBe('claimed');
    expect((await join('b').claim(KEY)).state).toBe('in_progress');
  });

  it('gives a process nothing twice that it has handled, and again what it has released', async () => {
    const { join, service } = stage();
    const a = join('a');
    const first = await a.claim(KEY);
    expect((await a.claim(KEY)).state).toBe('in_progress');
    if (first.state !== 'claimed') throw new Error('not claimed');
    await a.release(KEY, first.token);
    const second = await a.claim(KEY);
    if (second.state !== 'claimed') throw new Error('not claimed');
    await a.commit(KEY, second.token);
    expect((await a.claim(KEY)).state).toBe('done');
    expect(service.claimCalls).toBe(2);
  });

  it('fails open: without an answer everybody has the message', async () => {
    const { service, join } = stage();
    service.isDown = true;
    expect((await join('a').claim(KEY)).state).toBe('claimed');
    expect((await join('b').claim(KEY)).state).toBe('claimed');
  });

  it('waits when it cannot be seen whether a message was acknowledged', async () => {
    const { clock, service, join } = stage();
    await join('a').claim(KEY);
    const b = join('b');
    await b.claim(KEY);
    service.undelivered.clear();
    for (let n = 0; n < 600; n += 1) service.undelivered.add(`other_${n}`);
    await clock.advance(2_000);
    expect((await b.claim(KEY)).state).toBe('in_progress');
  });

  it('looks once for all that wait, and once a second at most', async () => {
    const { clock, service, join } = stage();
    const b = join('b');
    const keys = Array.from({ length: 20 }, (_, n) => messageClaimKey(`msg_${n}`));
    for (let n = 0; n < 20; n += 1) service.holders.set(`msg_${n}`, 'a');
    for (const key of keys) await b.claim(key);
    for (let tenth = 0; tenth < 30; tenth += 1) {
      await clock.advance(100);
      await Promise.all(keys.map((key) => b.claim(key)));
    }
    expect(service.syncCalls).toBeLessThanOrEqual(3);
  });

  it('asks the service about messages only', async () => {
    const { service, join } = stage();
    for (const holder of ['a', 'b'])
      expect((await join(holder).claim('group.deleted:x')).state).toBe('claimed');
    expect(service.claimCalls).toBe(0);
  });

  it.each([
    [{ holder: '' }, /holder/],
    [{ takeOverMs: 0 }, /takeOverMs/],
    [{ takeoverMs: 5 } as object, /takeOverMs/],
  ])('refuses %j', (options, name) => {
    const attempt = () => serviceClaims(new Service(), options);
    expect(attempt).toThrow(ValidationError);
    expect(attempt).toThrow(name);
  });
});
