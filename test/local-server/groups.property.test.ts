import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../support/mulberry32.js';
import { agent, type Caller, withServer } from './kit.js';

const HANDLES = ['anna', 'bert', 'cleo', 'dora', 'emil'];
const STEPS = 150;

/** What a member must be able to see, and what it must not. */
interface Member {
  readonly joinedSeq: number;
  readonly hidden: Set<number>;
}

/** One group and whatever five agents do to it. */
class Life {
  readonly members = new Map<string, Member>();
  seq = 0;
  sent = 0;

  constructor(
    readonly callers: ReadonlyMap<string, Caller>,
    readonly id: string,
    readonly random: () => number,
  ) {}

  pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.random() * choices.length)] as T;
  }

  caller(handle: string): Caller {
    return this.callers.get(handle) as Caller;
  }

  call(handle: string, method: string, path: string, body?: unknown) {
    return this.caller(handle).call(method, path, body);
  }

  join(handle: string): void {
    this.members.set(handle, { joinedSeq: this.seq, hidden: new Set() });
    this.seq += 1;
  }

  async step(): Promise<string> {
    const who = this.pick(HANDLES);
    const whom = this.pick(HANDLES);
    const isMember = this.members.has(who);
    const path = `/v1/groups/${this.id}`;
    switch (
      this.pick(['send', 'send', 'send', 'invite', 'join', 'join', 'leave', 'remove', 'role', 'hide'])
    ) {
      case 'send': {
        const client_msg_id = `life-${++this.sent}`;
        const message = { conversation_id: this.id, client_msg_id, content: { text: 'hi' } };
        const { status } = await this.call(who, 'POST', '/v1/messages', message);
        expect(status).toBe(isMember ? 201 : 404);
        if (isMember) this.seq += 1;
        return `${who} sends: ${status}`;
      }
      case 'invite': {
        const { status } = await this.call(who, 'POST', `${path}/members`, { handle: whom });
        return `${who} invites ${whom}: ${status}`;
      }
      case 'join': {
        const { body } = await this.caller(who).call<{ id: string }[]>('GET', '/v1/groups/invites');
        const [invite] = body;
        if (invite === undefined) return `${who} is not invited`;
        expect((await this.call(who, 'POST', `/v1/groups/invites/${invite.id}/accept`)).status).toBe(200);
        this.join(who);
        return `${who} joins`;
      }
      case 'leave': {
        // Somebody has to stay, or there is nothing left to look at.
        if (this.members.size === 1) return 'nobody leaves';
        const { status, body } = await this.call(who, 'POST', `${path}/leave`);
        expect(status).toBe(isMember ? 200 : 404);
        if (isMember) this.seq += body.promoted_handle === null ? 1 : 2;
        this.members.delete(who);
        return `${who} leaves: ${status}`;
      }
      case 'remove': {
        if (who === whom) return 'nobody removes itself';
        const { status } = await this.call(who, 'DELETE', `${path}/members/${whom}`);
        if (status === 200) {
          this.seq += 1;
          this.members.delete(whom);
        }
        return `${who} removes ${whom}: ${status}`;
      }
      case 'role': {
        const change = this.pick(['promote', 'demote']);
        const before = await this.roles();
        const { status } = await this.call(who, 'POST', `${path}/members/${whom}/${change}`);
        const after = await this.roles();
        if (before.get(whom) !== after.get(whom)) this.seq += 1;
        return `${who} ${change}s ${whom}: ${status}`;
      }
      default: {
        const { body } = await this.caller(who).call<{ id: string; seq: number }[]>(
          'GET',
          `/v1/messages/${this.id}`,
        );
        const row = isMember && body.length > 0 ? this.pick(body) : undefined;
        if (row === undefined) return `${who} has nothing to hide`;
        await this.call(who, 'DELETE', `/v1/messages/${row.id}`);
        this.members.get(who)?.hidden.add(row.seq);
        return `${who} hides ${row.seq}`;
      }
    }
  }

  async roles(): Promise<Map<string, string>> {
    const [anybody] = this.members.keys();
    const { body } = await this.caller(anybody ?? '').call<{ members: { handle: string; role: string }[] }>(
      'GET',
      `/v1/groups/${this.id}`,
    );
    return new Map(body.members.map(({ handle, role }) => [handle, role]));
  }

  async check(): Promise<void> {
    const roles = await this.roles();
    expect([...roles.keys()]).toEqual([...this.members.keys()]);
    expect([...roles.values()]).toContain('admin');
    for (const handle of HANDLES) {
      const member = this.members.get(handle);
      const rows = await this.history(handle);
      if (member === undefined) {
        expect(rows).toBeUndefined();
        continue;
      }
      const visible = Array.from({ length: this.seq }, (_, at) => at + 1).filter(
        (seq) => seq > member.joinedSeq && !member.hidden.has(seq),
      );
      expect(rows).toEqual(visible);
      const waiting = (await this.caller(handle).sync('?limit=500')).body.map(({ seq }) => Number(seq));
      expect(waiting.filter((seq) => seq > member.joinedSeq && !visible.includes(seq))).toEqual([]);
    }
  }

  /** All that the agent can see, read in pages of three; `undefined` when it is not in the group. */
  async history(handle: string): Promise<number[] | undefined> {
    const seqs: number[] = [];
    for (;;) {
      const { status, body } = await this.caller(handle).call<{ seq: number }[]>(
        'GET',
        `/v1/messages/${this.id}?limit=50&after_seq=${seqs.at(-1) ?? 0}`,
      );
      if (status === 404) return undefined;
      if (body.length === 0) return seqs;
      seqs.push(...body.map(({ seq }) => seq));
    }
  }
}

describe('a group, whatever its members do', () => {
  it.each([1, 2, 3])('never lacks an admin, and shows each what it may see (seed %i)', (seed) =>
    withServer({}, async (server) => {
      const callers = new Map(HANDLES.map((handle) => [handle, agent(server, handle)]));
      const { body } = await (callers.get('anna') as Caller).call<{ group: { id: string } }>(
        'POST',
        '/v1/groups',
        { name: 'Life', member_handles: HANDLES.slice(1) },
      );
      const life = new Life(callers, body.group.id, mulberry32(seed));
      life.members.set('anna', { joinedSeq: 0, hidden: new Set() });
      const log: string[] = [];
      try {
        for (let step = 1; step <= STEPS; step += 1) {
          log.push(await life.step());
          if (step % 5 === 0) await life.check();
        }
      } catch (error) {
        console.error(`seed ${seed}:\n${log.join('\n')}`);
        throw error;
      }
      expect(life.seq).toBe(server.messagesOf(life.id).length);
    }),
  );
});
