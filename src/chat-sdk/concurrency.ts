import type { ChatInstance, Logger } from 'chat';
import { invalid } from '../http/index.js';

/** With these the SDK may put a message aside in its state and say that it is done. */
const PUTTING_ASIDE: readonly unknown[] = ['queue', 'debounce', 'burst'];

/**
 * The lanes of the realtime client already give out the messages of a conversation one by one, so the SDK need not lock.
 *
 * @throws ValidationError for a concurrency with which a message could be acknowledged although no handler has seen it.
 */
export function checkConcurrency(chat: ChatInstance, logger: Logger): void {
  // The SDK tells adapters nothing about it. Where this field is called otherwise, nothing is checked.
  const { _concurrencyStrategy: strategy } = chat as { _concurrencyStrategy?: unknown };
  if (PUTTING_ASIDE.includes(strategy)) {
    throw invalid(
      'concurrency',
      `with \`concurrency: '${strategy}'\` the Chat SDK puts messages aside that it has not handled, and a crash loses them: ` +
        "write `new Chat({ concurrency: 'concurrent' })`. Messages of one AgentChat conversation come one by one all the same",
    );
  }
  if (strategy === 'drop') {
    logger.warn(
      "Write `new Chat({ concurrency: 'concurrent' })`: with the default, 'drop', a lock that a killed process has left behind keeps " +
        'its conversation waiting. Messages of one AgentChat conversation come one by one all the same.',
    );
  }
}
