import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Child, type Exit } from './child.js';
import { type HostileBotTold, KINDS, WAYS, type Way } from './misbehaviour.js';
import { type Agent, type Listener, World } from './world.js';

const HOSTILE_BOT = new URL('./programs/hostile-bot.ts', import.meta.url);
const CURSED = 'nobody can handle this';

interface Bot {
  readonly way: Way;
  readonly agent: Agent;
}

/** All the bots live in one process, and everything that can happen to a connection happens to each of them. */
describe('HND-1 callbacks of every kind', () => {
  let world: World;
  let child: Child<HostileBotTold>;
  let bots: Bot[];
  let peer: Listener;
  let exit: Exit;
  const told = <K extends HostileBotTold['kind']>(kind: K) =>
    child.told.filter((each): each is Extract<HostileBotTold, { kind: K }> => each.kind === kind);
  const handledBy = (bot: Way) => told('handled').filter(({ way }) => way === bot);
  const handledByAll = (count: number) =>
    child.until(() => WAYS.every((way) => handledBy(way).length >= count));

  beforeAll(async () => {
    world = await World.open();
    const { server } = world;
    bots = await Promise.all(WAYS.map(async (way, at) => ({ way, agent: await world.agent(`bot-${at}`) })));
    peer = await world.listen(await world.agent('peer'));
    const toAll = async (...texts: string[]) => {
      for (const content of texts) {
        await Promise.all(
          bots.map(({ agent }) => peer.agent.client.sendMessage({ to: agent.handle, content })),
        );
      }
    };

    const setup = {
      baseUrl: server.url,
      bots: bots.map(({ way, agent: { apiKey } }) => ({ way, apiKey })),
      cursed: CURSED,
    };
    for (const { agent } of bots) {
      server.faults.next('restUnavailable', { count: 2, handle: agent.handle, when: 'before' });
    }
    child = await Child.start<HostileBotTold>(HOSTILE_BOT, setup);
    await child.until(() => told('connected').length === WAYS.length);
    await toAll('1', '2', CURSED, '4', '5');
    await handledByAll(5);
    // A lost frame, every other event that the server has, and a line that breaks.
    for (const { agent } of bots) server.faults.next('dropFrames', { handle: agent.handle });
    await toAll('6', '7');
    await handledByAll(7);
    for (const message of server.allMessages()) {
      if (message.sender === 'peer') continue;
      peer.realtime.sendTypingStart(message.conversation_id);
      peer.realtime.sendReadAck(message.conversation_id, message.seq);
    }
    const heardByAll = (type: 'message.read' | 'typing.start') =>
      WAYS.every((way) => told('heard').some((heard) => heard.way === way && heard.type === type));
    await child.until(() => heardByAll('typing.start') && heardByAll('message.read'));
    for (const { agent } of bots) server.faults.cut(agent.handle);
    await toAll('8', '9');
    await handledByAll(9);
    // One handler is done with each message; the other one needs its retry.
    for (const { agent } of bots) {
      await vi.waitFor(() => expect(server.undelivered(agent.handle)).toHaveLength(1), 10_000);
    }
    child.tell('stop');
    exit = await child.exit;
  }, 60_000);

  afterAll(async () => {
    await child?.end();
    await world?.close();
  });

  it.each(WAYS)('that %s are each called, and cost neither connection nor delivery', (way) => {
    const [report] = told('report').filter((each) => each.way === way);
    const numbers = Object.keys(report?.misbehaved ?? {});
    expect(KINDS.filter((kind) => !numbers.includes(kind))).toEqual([]);
    expect(report).toMatchObject({ state: 'connected', counters: { parked: 1, missing: 0 } });
    expect(report?.counters.reconnects).toBeGreaterThan(0);
    // The handler that succeeded is not called again for one that failed.
    const bot = bots.find((each) => each.way === way);
    const cursed = world.server.undelivered(bot?.agent.handle ?? '');
    expect(cursed.map(({ content }) => content.text)).toEqual([CURSED]);
    const stored = world.server.messagesOf(cursed[0]?.conversation_id ?? '');
    expect(handledBy(way).map(({ seq }) => seq)).toEqual(
      stored.filter(({ sender }) => sender === 'peer').map(({ seq }) => seq),
    );
    expect(told('stopped').some((each) => each.way === way)).toBe(true);
  });

  it('let nothing escape into the process, which ends by itself', () => {
    expect(told('escaped')).toEqual([]);
    expect(exit).toEqual({ code: 0, signal: null });
  });
});
