import { inspect } from 'node:util';

/** Everything that a program might write down about a value. */
export function shown(value: unknown): string {
  const texts = [inspect(value, { depth: 12, showHidden: true }), String(value)];
  try {
    texts.push(JSON.stringify(value) ?? '');
  } catch {
    // Not JSON: then nobody writes it down as JSON.
  }
  if (value instanceof Error) texts.push(value.message, value.stack ?? '', shown(value.cause));
  return texts.join('\n');
}
