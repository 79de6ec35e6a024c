import { foreign } from '../foreign.js';
import type { Output } from '../output.js';
import type { Hook, Receipt } from './post.js';

/** What became of a delivery, on one line. */
export function receiptLine(hook: Hook, { status, ok, ms, words }: Receipt, color: Output['color']): string {
  const paint = ok ? color.green : color.red;
  const what = (hook.data as { id?: unknown } | null)?.id;
  const about = typeof what === 'string' ? ` ${foreign(what)}` : '';
  const more = words === '' ? '' : ` ${foreign(words)}`;
  return `${foreign(hook.event)}${about} -> ${paint(String(status ?? 'no answer'))} (${ms} ms)${more}`;
}
