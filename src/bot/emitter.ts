import { listenerFailed, writeError } from '../errors/index.js';
import { BOT_EVENTS, type BotEventMap } from './events.js';

type Listener = (event: unknown) => unknown;

/** The listeners of the bot's own events. Nobody waits for them, and what one throws is reported and disturbs nothing. */
export class Emitter {
  private readonly byName = new Map<string, Set<{ readonly listener: Listener }>>(
    BOT_EVENTS.map((name) => [name, new Set()]),
  );

  /** Returns its `off`. */
  on(name: keyof BotEventMap, listener: Listener): () => void {
    const entry = { listener };
    this.byName.get(name)?.add(entry);
    return () => {
      this.byName.get(name)?.delete(entry);
    };
  }

  emit<Name extends keyof BotEventMap>(name: Name, event: BotEventMap[Name]): void {
    const listeners = [...(this.byName.get(name) ?? [])];
    if (name === 'error' && listeners.length === 0) writeError(event as BotEventMap['error']);
    for (const { listener } of listeners) void this.call(name, listener, event);
  }

  /** Never rejects. */
  private async call(name: keyof BotEventMap, listener: Listener, event: unknown): Promise<void> {
    try {
      await listener(event);
    } catch (cause) {
      const failed = listenerFailed(`listener of "${name}"`, cause);
      // To a listener of errors that fails, its own failure would come next.
      if (name === 'error') writeError(failed);
      else this.emit('error', failed);
    }
  }
}
