import { describe, expect, it } from 'vitest';
import { respondentOf, type ThoughtSource } from '../../../src/platforms/shared/respondent.js';
import { type ThinkingTurn, thinkerOf } from '../../../src/platforms/shared/thinker.js';

const sourceOf = (think: ThoughtSource['think']): ThoughtSource => ({
  platform: 'phoson',
  capabilities: {
    reasoning: false,
    toolEvents: false,
    usage: true,
    multiMessage: false,
    serverHistory: true,
  },
  think,
});

describe('respond', () => {
  it('rule 2: a signal that fires as the turn begins ends it, also where the source never comes back', async () => {
    let asked = 0;
    const source = sourceOf(async function* () {
      asked += 1;
      await new Promise(() => {});
      yield { type: 'done', text: '' };
    });
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = respondentOf(source).respond('hi', { conversationKey: 'a', signal }).next();
    controller.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(asked).toBe(0);
  });
});

describe('a thinker', () => {
  it('whose tokens cannot be counted has its reply all the same, and does not ask twice', async () => {
    let asked = 0;
    const source = sourceOf(async function* () {
      asked += 1;
      yield { type: 'done', text: 'Hello', tokens: 5 };
    });
    const recorded = new Map<string, unknown>();
    const counted: number[] = [];
    let isDown = true;
    const turn: ThinkingTurn = {
      text: 'hi',
      sender: 'alice',
      conversation: { id: 'c1' },
      signal: new AbortController().signal,
      step: async (name, work) => {
        if (!recorded.has(name)) recorded.set(name, await work({ signal: turn.signal }));
        return recorded.get(name) as never;
      },
      usage: async ({ tokens }) => {
        if (isDown) throw new Error('the store is down');
        counted.push(tokens);
      },
    };
    const think = thinkerOf(respondentOf(source), 'phoson');
    await expect(think(turn)).rejects.toThrow('the store is down');
    isDown = false;
    expect([await think(turn), await think(turn)]).toEqual(['Hello', 'Hello']);
    expect(asked).toBe(1);
    expect(counted).toEqual([5]);
  });
});
