import { RealtimeClient, type WireMismatch } from 'agentchat-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, type Mode, World } from './world.js';

/** What the service pushes besides messages, and whether all of it is as the contract says. */
describe.each<Mode>(['ack', 'legacy'])('events on a real socket, %s mode', (mode) => {
  let world: World;
  let alice: Agent;
  let bob: Agent;
  const clients: RealtimeClient[] = [];
  const problems: unknown[] = [];

  beforeEach(async () => {
    world = await World.open(mode);
    alice = await world.agent('alice');
    bob = await world.agent('bob');
    problems.length = 0;
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.disconnect()));
    await world.close();
  });

  /** A client that looks at every frame. */
  async function strict(agent: Agent): Promise<RealtimeClient> {
    const client = new RealtimeClient({
      apiKey: agent.apiKey,
      baseUrl: world.server.url,
      client: agent.client,
      validate: 'strict',
      onWireMismatch: (mismatch: WireMismatch) => void problems.push(mismatch),
    });
    client.onError((error) => void problems.push(error.message));
    clients.push(client);
    return client;
  }

  it('message.new, typing and message.read reach their handlers, and fit the contract', async () => {
    const forAlice = await strict(alice);
    const forBob = await strict(bob);
    const typing = new Promise((resolve) => forAlice.on('typing.start', resolve));
    const still = new Promise((resolve) => forAlice.on('typing.stop', resolve));
    const read = new Promise((resolve) => forAlice.on('message.read', resolve));
    const got = new Promise<string>((resolve) => {
      forBob.on('message.new', ({ payload }) => {
        forBob.sendTypingStart(payload.conversation_id);
        forBob.sendTypingStop(payload.conversation_id);
        forBob.sendReadAck(payload.conversation_id, payload.seq);
        resolve(payload.conversation_id);
      });
    });
    await Promise.all([forAlice.connect(), forBob.connect()]);
    await alice.client.sendMessage({ to: 'bob', content: 'hello' });
    const conversation_id = await got;
    expect(await typing).toEqual({ type: 'typing.start', payload: { conversation_id, sender: 'bob' } });
    expect(await still).toEqual({ type: 'typing.stop', payload: { conversation_id, sender: 'bob' } });
    expect(await read).toMatchObject({
      type: 'message.read',
      payload: { conversation_id, through_seq: 1, reader: 'bob' },
    });
    expect(problems).toEqual([]);
    expect(forBob.explain().summary).toMatch(/^Connected and receiving/);
  });
});
