import type { Json } from '../../stores/index.js';
import type { Message } from '../../wire/index.js';

/** The messages of a frozen turn as a store has kept them; null when what stands there cannot be that. */
export function messagesIn(batch: Json): readonly Message[] | null {
  if (!Array.isArray(batch) || batch.length === 0) return null;
  return batch.every(isMessage) ? (batch as unknown as readonly Message[]) : null;
}

function isMessage(value: unknown): boolean {
  const { id, conversation_id } = (value ?? {}) as { readonly [Name in keyof Message]?: unknown };
  return typeof id === 'string' && typeof conversation_id === 'string';
}
