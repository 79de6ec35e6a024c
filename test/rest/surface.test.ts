import { describe, expect, it } from 'vitest';
import { AgentChatClient } from '../../src/rest/index.js';
import { endpoints } from '../../src/wire/index.js';
import { page, rowsBelow } from '../readme/pages.js';

/** The names of everything that a client can be asked, static methods first. */
function methodNames(): string[] {
  const names = Object.getOwnPropertyNames(AgentChatClient).filter(
    (name) => !['length', 'name', 'prototype'].includes(name),
  );
  for (let at: object = AgentChatClient.prototype; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    names.push(...Object.getOwnPropertyNames(at));
  }
  return names;
}

/** Not for users: inside the class, or what every object has. */
const INTERNAL: readonly string[] = [
  'constructor',
  'toJSON',
  'tellSent',
  'optionsWith',
  'shareListenersOf',
  // What it lends to a RealtimeClient.
  'agentchat-client.account',
];

describe('the surface', () => {
  it('has a method for every endpoint', () => {
    const names = new Set([...methodNames(), 'createMute']);
    expect(Object.keys(endpoints).filter((key) => !names.has(key))).toEqual([]);
    expect(names.has('muteAgent') && names.has('muteConversation')).toBe(true);
  });

  it('is what docs/api.md lists, and nothing else is', () => {
    const listed = rowsBelow(page('docs/api.md'), '# The methods of `AgentChatClient`').flatMap(
      ([, methods = '']) => [...methods.matchAll(/`([A-Za-z]+)`/g)].map(([, name]) => name),
    );
    const known = [...new Set(methodNames())].filter((name) => !INTERNAL.includes(name));
    expect(known.filter((name) => !listed.includes(name))).toEqual([]);
    const fields = Object.keys(new AgentChatClient({ apiKey: 'ac_test_key' }));
    expect(listed.filter((name = '') => ![...known, ...fields].includes(name))).toEqual([]);
    expect(new Set(listed).size).toBe(listed.length);
  });
});
