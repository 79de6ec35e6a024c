import { BotError } from '../../errors/index.js';
import { has } from './has.js';

const WANTED = 'A thinker returns a string, a stream of strings, or null for silence';

/** For what a thinker gave that is no answer. The value itself is not quoted: it may be anybody's. */
export function badAnswer(given: unknown): BotError {
  return bad(`${WANTED}, not ${nameOf(given)}. ${adviceFor(given)}`);
}

/** For what a stream gave that is no text. */
export function badChunk(given: unknown): BotError {
  return bad(
    `The stream of a thinker gave ${nameOf(given)} where a string was due. ${adviceForChunk(given)}`,
  );
}

export function lockedStream(cause: unknown): BotError {
  return bad(
    'The stream that the thinker returned has a reader already. Return one that nobody reads.',
    cause,
  );
}

function bad(message: string, cause?: unknown): BotError {
  return new BotError({ code: 'BAD_ANSWER', message, cause });
}

function adviceFor(given: unknown): string {
  if (typeof given === 'function') return 'Call the function, and return what it gives.';
  if (typeof given === 'boolean') return 'Return null for silence.';
  if (given instanceof Uint8Array) return 'Decode it: return new TextDecoder().decode(bytes).';
  if (Array.isArray(given)) return "Return one string: parts.join('').";
  if (typeof given !== 'object') return 'Return String(value) if that is what it shall say.';
  // An AI SDK result. What stands there is not touched: reading it may start a request.
  if (has(given, 'textStream')) return 'Return result.textStream.';
  if (has(given, 'text')) return 'Return result.text.';
  return 'Return the text that it holds, or JSON.stringify(value).';
}

function adviceForChunk(given: unknown): string {
  if (given instanceof Uint8Array) return 'Decode it: return stream.pipeThrough(new TextDecoderStream()).';
  if (typeof given === 'object' && given !== null) {
    return 'Return its text: `await stream.finalContent()` with the client of OpenAI, `await stream.finalText()` with that of Anthropic, what streamText of the AI SDK gives, or a generator that yields the text of each event.';
  }
  return 'Yield strings only, and nothing where there is no text.';
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (value instanceof Uint8Array) return 'bytes';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
