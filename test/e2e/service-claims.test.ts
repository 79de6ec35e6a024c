import { type DedupeStore, serviceClaims } from 'agentchat-client';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Agent, World } from './world.js';

const CONVERSATIONS = 5;
const EACH = 8;

async function stage(): Promise<{ world: World; bot: Agent; senders: Agent[] }> {
  const world = await World.open('ack');
  onTestFinished(() => world.close());
  return { world, bot: await world.agent('bot'), senders: await world.agents('sender', CONVERSATIONS) };
}

describe('two processes of one agent with serviceClaims', () => {
  it('handle each message once between them, in order, and acknowledge all', async () => {
    const { world, bot, senders } = await stage();
    const [a, b] = await Promise.all(
      ['a', 'b'].map((holder) => world.listen(bot, { dedupe: serviceClaims(bot.client, { holder }) })),
    );
    for (let n = 0; n < EACH; n += 1) {
      await Promise.all(senders.map(({ client }) => client.sendMessage({ to: 'bot', content: `${n}` })));
    }
    await expect
      .poll(() => world.server.undelivered('bot').length, { timeout: 15_000, interval: 50 })
      .toBe(0);
    const handled = [...(a?.handled ?? []), ...(b?.handled ?? [])].map(({ id }) => id);
    expect(handled).toHaveLength(CONVERSATIONS * EACH);
    expect(new Set(handled).size).toBe(handled.length);
  }, 30_000);

  it('leave a message unacknowledged that one has claimed and the other has not handled, until that one is back', async () => {
    const { world, bot, senders } = await stage();
    const claims = serviceClaims(bot.client, { holder: 'b' });
    const states: string[] = [];
    const dedupe: DedupeStore = {
      async claim(key) {
        const claim = await claims.claim(key);
        states.push(claim.state);
        return claim;
      },
      commit: (key, token) => claims.commit(key, token),
      release: (key, token) => claims.release(key, token),
    };
    const b = await world.listen(bot, { dedupe });
    // A process called "a" has claimed it and died.
    world.server.faults.shutOut('bot', true);
    const { message } = (await senders[0]?.client.sendMessage({ to: 'bot', content: 'hi' })) ?? {};
    await bot.client.claimReply({ message_id: String(message?.id), holder: 'a' });
    world.server.faults.shutOut('bot', false);
    await expect.poll(() => states.length, { timeout: 15_000, interval: 50 }).toBeGreaterThan(3);
    expect(new Set(states)).toEqual(new Set(['in_progress']));
    expect(world.server.undelivered('bot')).toHaveLength(1);
    const a = await world.listen(bot, { dedupe: serviceClaims(bot.client, { holder: 'a' }) });
    await expect
      .poll(() => world.server.undelivered('bot').length, { timeout: 15_000, interval: 50 })
      .toBe(0);
    expect([a.handled.length, b.begun.length]).toEqual([1, 0]);
  }, 30_000);
});
