import { AgentChatClientError } from 'agentchat-client';
import type { Registered } from './agents.js';
import { pause } from './pause.js';

export interface Burst {
  senders: readonly Registered[];
  /** The bare handle that everybody writes to. */
  to: string;
  messages: number;
  /** How long the burst takes when nothing goes wrong, in milliseconds. */
  spreadMs: number;
  signal: AbortSignal;
  /** One more message is stored. */
  onSent(): void;
}

/** How many messages the sender at this place writes, so that they are `messages` in all. */
export function shareOf(messages: number, senders: number, place: number): number {
  return Math.floor(messages / senders) + (place < messages % senders ? 1 : 0);
}

/** Everybody writes at once, each one message after the other. Resolves when all are stored, or at the signal. */
export async function sendBurst(burst: Burst): Promise<void> {
  await Promise.all(
    burst.senders.map((sender, place) =>
      sendShare(burst, sender, shareOf(burst.messages, burst.senders.length, place)),
    ),
  );
}

async function sendShare(burst: Burst, sender: Registered, share: number): Promise<void> {
  const startedAt = performance.now();
  for (let number = 1; number <= share && !burst.signal.aborted; number += 1) {
    await sendUntilStored(burst, sender, number);
    // The pace is held against the clock: who was delayed by a fault catches up.
    const dueAt = startedAt + (burst.spreadMs * number) / share;
    await pause(dueAt - performance.now(), burst.signal);
  }
}

/**
 * The client retries by itself; this goes on when its patience has ended, with the same `client_msg_id`, so that a
 * message that was stored after all is not stored twice.
 */
async function sendUntilStored(burst: Burst, sender: Registered, number: number): Promise<void> {
  while (!burst.signal.aborted) {
    try {
      await sender.client.sendMessage(
        {
          to: burst.to,
          content: `message ${number} of ${sender.handle}`,
          client_msg_id: `${sender.handle}-${number}`,
        },
        { signal: burst.signal },
      );
      burst.onSent();
      return;
    } catch (error) {
      if (burst.signal.aborted) return;
      if (!(error instanceof AgentChatClientError) || !error.retryable) throw error;
      await pause(Math.max(error.retryAfterMs ?? 0, 200), burst.signal);
    }
  }
}
