import { UsageError } from '../failure.js';

const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * A copy with other values at paths: `content.text=Hello`, `seq=7`. What reads as JSON is that, everything else is text.
 *
 * @throws UsageError
 */
export function withOverrides(
  data: Readonly<Record<string, unknown>>,
  words: readonly string[],
): Record<string, unknown> {
  const copy = structuredClone(data) as Record<string, unknown>;
  for (const word of words) {
    const at = word.indexOf('=');
    const path = word.slice(0, Math.max(at, 0)).split('.');
    if (at < 1 || path.some((name) => name === '' || FORBIDDEN.has(name))) {
      throw new UsageError(`"${word}" must be a field and its value, such as content.text=Hello.`);
    }
    put(copy, path, readValue(word.slice(at + 1)));
  }
  return copy;
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name = '', ...rest] = path;
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  const inner = target[name];
  const next = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : {};
  target[name] = next;
  put(next as Record<string, unknown>, rest, value);
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
