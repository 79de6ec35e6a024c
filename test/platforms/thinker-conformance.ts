import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BotOptions } from '../../src/bot/index.js';
import type { ConversationStore, StoreWithValues } from '../../src/platforms/shared/conversation-store.js';
import type { PlatformThinker } from '../../src/platforms/shared/thinker.js';
import type { BotStore } from '../../src/stores/index.js';
import { BotWorld, lastingStore, until } from '../bot/bot-world.js';
import { replies, type TurnScript } from './support/turn-script.js';

/** A thinker of a platform, and its stand-in. */
export interface ThinkerRig {
  /** A new thinker, as a new process would make it. */
  think(store: StoreWithValues | ConversationStore | undefined): PlatformThinker;
  /** Decides what becomes of the next requests for a reply. */
  script(...turns: readonly TurnScript[]): void;
  /** The texts of the requests for a reply that have come, also of those that were refused. */
  asked(): readonly string[];
  /** In which conversation of the platform each of them was. */
  rooms(): readonly string[];
  close(): Promise<void>;
}

/** What each text platform keeps as the thinker of a bot. */
export function describeThinker(name: string, make: () => Promise<ThinkerRig>): void {
  describe(`the thinker of ${name}, in a bot`, () => {
    let world: BotWorld;
    let rig: ThinkerRig;
    let store: BotStore;
    beforeEach(async () => {
      world = await BotWorld.open();
      rig = await make();
      store = lastingStore();
    });
    afterEach(async () => {
      await world.close();
      await rig.close();
    });

    const start = (think: BotOptions['think']) => world.bot('brain', { store, think });

    it('answers with the whole reply, once', async () => {
      const alice = world.peer('alice');
      rig.script(replies('Hello', ' alice'));
      const { errors } = await start(rig.think(store));
      await alice.say('brain', 'hi');
      await until('an answer', () => alice.said('brain').length === 1);
      expect(alice.said('brain')).toEqual(['Hello alice']);
      expect(rig.asked()).toEqual(['hi']);
      expect(errors).toEqual([]);
    });

    it('goes on in the same conversation, also after a restart; everybody has their own', async () => {
      const [alice, bob] = [world.peer('alice'), world.peer('bob')];
      const { bot } = await start(rig.think(store));
      const ask = async (who: typeof alice, text: string, most: number) => {
        await who.say('brain', text);
        await until(text, () => who.said('brain').length === most);
      };
      await ask(alice, 'one', 1);
      await ask(alice, 'two', 2);
      await ask(bob, 'three', 3);
      await bot.stop();
      await start(rig.think(store));
      await ask(alice, 'four', 4);
      const [one, two, three, four] = rig.rooms();
      expect([two, four]).toEqual([one, one]);
      expect(three).not.toBe(one);
    });

    it('does not ask the platform twice when the turn runs again', async () => {
      const alice = world.peer('alice');
      const think = rig.think(store);
      let runs = 0;
      const { turns } = await start(async (turn) => {
        runs += 1;
        const text = await think(turn);
        if (runs === 1) throw new Error('on purpose');
        return text;
      });
      await alice.say('brain', 'hi');
      await until('an answer', () => alice.said('brain').length === 1);
      await until('two turns', () => turns.length === 2);
      expect(runs).toBe(2);
      expect(rig.asked()).toEqual(['hi']);
    });

    it('fails the turn when the platform fails, and the turn runs again', async () => {
      const alice = world.peer('alice');
      rig.script([{ do: 'say', text: 'Hel' }, { do: 'cut' }], replies('Hello'));
      const { turns } = await start(rig.think(store));
      await alice.say('brain', 'hi');
      await until('an answer', () => alice.said('brain').length === 1);
      expect(alice.said('brain')).toEqual(['Hello']);
      await until('two turns', () => turns.length === 2);
      expect(turns.map(({ outcome }) => outcome)).toEqual(['failed', 'answered']);
      expect(rig.asked()).toEqual(['hi', 'hi']);
    });

    it('says nothing to a turn without any text, and asks nobody', async () => {
      const alice = world.peer('alice');
      const { turns } = await start(rig.think(store));
      await alice.client.sendMessage({ to: 'brain', content: { data: { a: 1 } }, type: 'structured' });
      await until('a turn', () => turns.length === 1);
      expect(turns.map(({ outcome }) => outcome)).toEqual(['silent']);
      expect(rig.asked()).toEqual([]);
    });
  });
}
