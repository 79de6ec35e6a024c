import { AbortedError, BotError } from '../../errors/index.js';

/** For what is asked of a turn that is over. */
export function turnEnded(): BotError {
  return new BotError({
    code: 'TURN_ENDED',
    message:
      'The turn has ended, and nothing more is done in its name: it was finished, called off, or took too long. Await what you ' +
      'do within the turn, and stop when turn.signal aborts. For a message of its own, use turn.client.sendMessage().',
  });
}

/** Why the signal of a turn has aborted that has simply ended. Made once for a bot: to make an error costs more than the rest of a turn's end. */
export function turnIsOver(): AbortedError {
  return new AbortedError({ message: 'The turn has ended.', outcome: 'not_sent' });
}
