/** `grp_` is a group; everything else is a direct conversation, whatever its prefix. */
export function conversationKind(conversationId: string): 'direct' | 'group' {
  return conversationId.startsWith('grp_') ? 'group' : 'direct';
}

/** A handle cannot contain `_`, so these are never one. */
export function isConversationId(value: string): boolean {
  return value.startsWith('grp_') || value.startsWith('conv_');
}

/**
 * Whether a value can be acknowledged as a delivery cursor. Cursors are opaque: only their place in the page is their
 * order, so there is nothing more to check and nothing to compare.
 */
export function isDeliveryCursor(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
