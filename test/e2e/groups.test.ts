import { type GroupInvitation, type Message, RealtimeClient, type WireMismatch } from 'agentchat-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Agent, type Mode, World } from './world.js';

/** Groups over REST and the socket together. */
describe.each<Mode>(['ack', 'legacy'])('groups on a real socket, %s mode', (mode) => {
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

  /** A client that looks at every frame, and connects again soon. */
  function strict(agent: Agent): RealtimeClient {
    const client = new RealtimeClient({
      apiKey: agent.apiKey,
      baseUrl: world.server.url,
      client: agent.client,
      reconnectInterval: 50,
      validate: 'strict',
      onWireMismatch: (mismatch: WireMismatch) => void problems.push(mismatch),
    });
    clients.push(client);
    return client;
  }

  /** What a client is given of one kind, and a promise of the next. */
  function collect<T>(subscribe: (given: (value: T) => void) => unknown) {
    const given: T[] = [];
    let wake: () => void = () => undefined;
    subscribe((value) => {
      given.push(value);
      wake();
    });
    const until = async (count: number) => {
      while (given.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return given;
    };
    return { given, until };
  }

  it('an invitation that came while offline is given once, and once more for no reconnect', async () => {
    const { group } = await alice.client.createGroup({ name: 'Harvest', member_handles: ['bob'] });
    const client = strict(bob);
    const invites = collect<GroupInvitation>((give) =>
      client.on('group.invite.received', ({ payload }) => give(payload)),
    );
    await client.connect();
    const [first] = await invites.until(1);
    expect(first).toMatchObject({ group_id: group.id, group_name: 'Harvest', inviter_handle: 'alice' });

    // Another one comes over the socket, and is in the list by the time of the next connect.
    const { group: second } = await alice.client.createGroup({ name: 'Pears', member_handles: ['bob'] });
    await invites.until(2);
    const again = new Promise<void>((resolve) => {
      client.onConnect(() => resolve());
    });
    world.server.faults.cut('bob');
    await again;
    const { group: third } = await alice.client.createGroup({ name: 'Plums', member_handles: ['bob'] });
    await invites.until(3);
    expect(invites.given.map(({ group_id }) => group_id)).toEqual([group.id, second.id, third.id]);
    expect(problems).toEqual([]);
  });

  it('everything that is said reaches the members in order, from the moment they joined', async () => {
    const { group } = await alice.client.createGroup({ name: 'Harvest', member_handles: ['bob'] });
    await alice.client.sendMessage({ conversation_id: group.id, content: 'before' });
    const client = strict(bob);
    const messages = collect<Message>((give) => client.on('message.new', ({ payload }) => give(payload)));
    await client.connect();
    const [invite] = await bob.client.listGroupInvites();
    await bob.client.acceptGroupInvite(invite?.id ?? '');
    for (let n = 1; n <= 3; n += 1) {
      await alice.client.sendMessage({ conversation_id: group.id, content: `${n}` });
      await bob.client.sendMessage({ conversation_id: group.id, content: `own ${n}` });
    }
    await alice.client.updateGroup(group.id, { name: 'Pears' });
    const given = await messages.until(5);
    expect(given.map(({ seq, type }) => [seq, type])).toEqual([
      [2, 'system'],
      [3, 'text'],
      [5, 'text'],
      [7, 'text'],
      [9, 'system'],
    ]);
    expect(problems).toEqual([]);
  });

  it('the end of a group is told, with the notice as its last message', async () => {
    const { group } = await alice.client.createGroup({ name: 'Harvest', member_handles: ['bob'] });
    const [invite] = await bob.client.listGroupInvites();
    await bob.client.acceptGroupInvite(invite?.id ?? '');
    await bob.client.syncAck((await bob.client.sync()).at(-1)?.delivery_id ?? '');
    const client = strict(bob);
    const messages = collect<Message>((give) => client.on('message.new', ({ payload }) => give(payload)));
    const ended = new Promise<unknown>((resolve) => {
      client.on('group.deleted', ({ payload }) => resolve(payload));
    });
    await client.connect();
    const { deleted_at } = await alice.client.deleteGroup(group.id);
    expect(await ended).toEqual({ group_id: group.id, deleted_by_handle: 'alice', deleted_at });
    expect((await messages.until(1))[0]).toMatchObject({
      type: 'system',
      content: { data: { event: 'group_deleted' } },
    });
    expect(problems).toEqual([]);
  });

  it('a member who was away catches up, but for what was flushed', async () => {
    const { group } = await alice.client.createGroup({ name: 'Harvest', member_handles: ['bob'] });
    const [invite] = await bob.client.listGroupInvites();
    await bob.client.acceptGroupInvite(invite?.id ?? '');
    for (let n = 1; n <= 3; n += 1) {
      await alice.client.sendMessage({ conversation_id: group.id, content: `${n}` });
    }
    await alice.client.deleteGroup(group.id);
    const client = strict(bob);
    const messages = collect<Message>((give) => client.on('message.new', ({ payload }) => give(payload)));
    await client.connect();
    const [notice] = await messages.until(1);
    expect(notice).toMatchObject({ seq: 5, type: 'system' });
    expect(problems).toEqual([]);
  });
});
