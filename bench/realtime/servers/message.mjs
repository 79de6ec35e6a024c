/** A message as the service pushes it, about as long as people write. */
export function message(n, conversation, seq, metadata = {}) {
  return {
    id: `msg_${String(n).padStart(16, '0')}`,
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

export function conversationId(n) {
  return `conv_${String(n).padStart(16, '0')}`;
}

export function frame(payload) {
  return JSON.stringify({ type: 'message.new', payload });
}
