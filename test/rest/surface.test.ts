import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AgentChatClient } from '../../src/rest/index.js';
import { endpoints } from '../../src/wire/index.js';

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
const INTERNAL: readonly string[] = ['constructor', 'toJSON', 'tellSent', 'optionsWith', 'shareListenersOf'];

describe('the surface', () => {
  it('has a method for every endpoint', () => {
    const names = new Set([...methodNames(), 'createMute']);
    expect(Object.keys(endpoints).filter((key) => !names.has(key))).toEqual([]);
    expect(names.has('muteAgent') && names.has('muteConversation')).toBe(true);
  });

  it('is listed in the README', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const section = readme.split('\n## ').find((part) => part.startsWith('What the client can do'));
    const listed = [...(section ?? '').matchAll(/`([A-Za-z]+)`/g)].map(([, name]) => name);
    const known = [...new Set(methodNames())].filter((name) => !INTERNAL.includes(name));
    expect(known.filter((name) => !listed.includes(name))).toEqual([]);
  });
});
