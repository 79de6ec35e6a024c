import { replyId } from 'agentchat-client';
import { describe, expect, it } from 'vitest';
import { Turn } from '../../src/chat-sdk/turns.js';

const turn = () => new Turn('msg_1', 'agentchat:alice', new AbortController().signal);
const ids = (of: Turn, ...threads: string[]) => threads.map((thread) => of.take(thread).clientMsgId(0));

describe('the ids of what a turn posts', () => {
  it('are those of replyId in its own thread', () => {
    expect(ids(turn(), 'agentchat:alice', 'agentchat:alice')).toEqual([
      replyId('msg_1'),
      replyId('msg_1', 1),
    ]);
  });

  it('are the same in a second run, in whatever order the threads come', () => {
    const [a, b] = [turn(), turn()];
    const [own, other] = ids(a, 'agentchat:alice', 'agentchat:bob');
    expect(ids(b, 'agentchat:bob', 'agentchat:alice')).toEqual([other, own]);
    expect(own).not.toBe(other);
  });

  it('differ by part, and fit the wire', () => {
    const place = turn().take('agentchat:alice');
    const found = [0, 1, 2].map((part) => place.clientMsgId(part));
    expect(new Set(found).size).toBe(3);
    expect(found.every((id) => id.length <= 128)).toBe(true);
  });

  it('of a post that failed are those of the next one', () => {
    const one = turn();
    const failed = one.take('agentchat:alice');
    failed.giveBack();
    expect(ids(one, 'agentchat:alice')).toEqual([failed.clientMsgId(0)]);
  });

  it('stay where they are when a later post has been made meanwhile', () => {
    const one = turn();
    const failed = one.take('agentchat:alice');
    ids(one, 'agentchat:alice');
    failed.giveBack();
    expect(ids(one, 'agentchat:alice')).toEqual([replyId('msg_1', 2)]);
  });
});
