import type { Output } from '../output.js';
import type { Hook, Receipt } from './post.js';

/** What became of a delivery, on one line. */
export function receiptLine(hook: Hook, { status, ok, ms, words }: Receipt, color: Output['color']): string {
  const paint = ok ? color.green : color.red;
  const what = (hook.data as { id?: unknown } | null)?.id;
  const about = typeof what === 'string' ? ` ${what}` : '';
  const more = words === '' ? '' : ` ${words}`;
  return `${hook.event}${about} -> ${paint(String(status ?? 'no answer'))} (${ms} ms)${more}`;
}
