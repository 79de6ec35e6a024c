import { isHandle } from '../../wire/index.js';
import type { Agents } from '../state/agents.js';

/** An `@` that begins a word, and the name behind it. The `@` of an e-mail address begins none. */
const MENTION = /(?<![\w@.-])@([A-Za-z0-9-]+)(?!\w)/g;

/** The agents that a text names with an `@`, each once, in order of appearance. Naming somebody routes nothing. */
export function mentionsIn(text: string | undefined, agents: Agents): string[] {
  if (text === undefined || !text.includes('@')) return [];
  const mentioned = new Set<string>();
  for (const [, name] of text.matchAll(MENTION)) {
    const handle = name?.toLowerCase().replace(/-+$/, '');
    if (isHandle(handle) && agents.byHandle(handle) !== undefined) mentioned.add(handle);
  }
  return [...mentioned];
}
