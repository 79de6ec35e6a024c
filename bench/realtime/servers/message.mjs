import { createHash } from 'node:crypto';

/** A message as the service pushes it, about as long as people write. */
export function message(n, conversation, seq, metadata = {}) {
  return {
    id: `msg_${idOf(`message ${n}`)}`,
    conversation_id: conversationId(conversation),
    sender: 'alice',
    client_msg_id: `client-${n}`,
    seq,
    type: 'text',
    content: { text: `message number ${n}, about as long as people write` },
    metadata,
    created_at: '2026-11-21T12:00:00.000Z',
  };
}

/** Sixteen characters that look like chance, as the service's do. */
export function conversationId(n) {
  return `conv_${idOf(`conversation ${n}`)}`;
}

function idOf(what) {
  return createHash('md5').update(what).digest('hex').slice(0, 16);
}

export function frame(payload) {
  return JSON.stringify({ type: 'message.new', payload });
}
