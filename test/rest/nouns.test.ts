import { readdirSync } from 'node:fs';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AgentChatClient } from '../../src/rest/index.js';
import { Methods } from '../../src/rest/methods.js';
import type { GroupDetail } from '../../src/wire/index.js';

const KEY = 'ac_live_nobody_may_see_this';
const src = new URL('../../src/rest/', import.meta.url);

/** The classes that hold the methods of a noun each, whatever file they are in. */
async function nounClasses(): Promise<{ name: string; prototype: object }[]> {
  const files = readdirSync(src).filter((file) => file.endsWith('.ts'));
  const modules = await Promise.all(files.map((file) => import(new URL(file, src).href)));
  return modules
    .flatMap((module) => Object.values(module))
    .filter(
      (value): value is typeof Methods => typeof value === 'function' && value.prototype instanceof Methods,
    );
}

const methodsOf = (prototype: object) =>
  Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');

describe('the client is one class', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it('with the methods of every noun, each of them once', async () => {
    const nouns = await nounClasses();
    expect(nouns.length).toBeGreaterThan(10);
    const all = nouns.flatMap(({ prototype }) => methodsOf(prototype));
    expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([]);
    for (const { prototype } of nouns) {
      for (const name of methodsOf(prototype)) {
        expect(Reflect.get(AgentChatClient.prototype, name), name).toBe(Reflect.get(prototype, name));
      }
    }
  });

  it('without a chain of classes, and with nothing of its own in each client', () => {
    const client = new AgentChatClient({ apiKey: KEY });
    const combined = Object.getPrototypeOf(AgentChatClient.prototype);
    expect(Object.getPrototypeOf(combined)).toBe(Object.prototype);
    expect(Reflect.ownKeys(client)).toEqual([]);
  });

  it('shows its key to nobody who prints it', () => {
    const client = new AgentChatClient({ apiKey: KEY });
    for (const shown of [
      inspect(client, { depth: 9, showHidden: true }),
      JSON.stringify(client),
      `${client}`,
    ]) {
      expect(shown).not.toContain(KEY);
    }
    expect(inspect(client)).toContain('AgentChatClient');
  });

  it('that can be extended, and whose methods can be replaced', async () => {
    const asked: string[] = [];
    class Counting extends AgentChatClient {
      override async getGroup(groupId: string): Promise<GroupDetail> {
        asked.push(groupId);
        return super.getGroup(groupId);
      }
    }
    const client = new Counting({ apiKey: KEY });
    expect(client).toBeInstanceOf(AgentChatClient);
    await expect(client.getGroup('conv_1')).rejects.toThrow('"groupId"');
    expect(asked).toEqual(['conv_1']);
    vi.spyOn(AgentChatClient.prototype, 'listContacts').mockResolvedValue({
      contacts: [],
      total: 0,
      limit: 50,
      offset: 0,
    });
    expect((await client.listContacts()).total).toBe(0);
  });
});
