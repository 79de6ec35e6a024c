import { BrandedError } from './branded-error.js';
import { redactText } from './redact.js';

const LONGEST_TEXT = 500;
/** A cause of a cause says what "fetch failed" does not. Deeper than this nobody looks. */
const DEEPEST = 3;

/** What was thrown, as an error. Anything can be thrown; what is no error becomes the message of one, without a stack. */
export function errorOf(thrown: unknown): Error {
  if (isError(thrown)) return thrown;
  const error = new Error(`${textOf(thrown)} (thrown as it is: throw an Error to see where)`);
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** What it says, without secrets. Total. */
export function textOf(thrown: unknown, depth = 1): string {
  try {
    if (!isError(thrown)) return redactText(String(thrown));
    const { cause } = thrown;
    const why = cause === undefined || depth === DEEPEST ? '' : ` (${textOf(cause, depth + 1)})`;
    return `${wordsOf(thrown)}${why}`;
  } catch {
    return 'a value that cannot be shown';
  }
}

/** Its name and its words. Those of a foreign error are cut where they get long. */
function wordsOf(error: Error): string {
  const { name, message } = error;
  const text = message === '' ? name : `${name}: ${message}`;
  const isTooLong = text.length > LONGEST_TEXT && !(error instanceof BrandedError);
  return redactText(isTooLong ? `${text.slice(0, LONGEST_TEXT)}...` : text);
}

/** Where it was thrown: the lines of its stack, each after a line end, without what it says. Empty when it has none. Total. */
export function framesOf(thrown: unknown): string {
  try {
    const { stack } = thrown as { stack?: unknown };
    if (typeof stack !== 'string') return '';
    const at = stack.search(/\n\s+at /);
    if (at >= 0) return redactText(stack.slice(at)).trimEnd();
    // Firefox and Safari write the frames alone.
    return /@.*:\d+/.test(stack) ? `\n${redactText(stack).trimEnd()}` : '';
  } catch {
    return '';
  }
}

/**
 * A stand-in for what was thrown, to print in its place: its name, its words, its stack and its causes, without secrets. Of
 * its fields it has those that an error of ours shows; a foreign one may hold a request and its headers. Total.
 */
export function printable(thrown: unknown, depth = 1): unknown {
  try {
    if (!isError(thrown)) return textOf(thrown);
    const { cause } = thrown;
    const shown =
      cause === undefined || depth === DEEPEST
        ? new Error()
        : new Error('', { cause: printable(cause, depth + 1) });
    shown.stack = `${wordsOf(thrown)}${framesOf(thrown)}`;
    if (!(thrown instanceof BrandedError)) return shown;
    const { name, message, cause: _, ...fields } = thrown.toJSON();
    return Object.assign(shown, fields);
  } catch {
    return 'a value that cannot be shown';
  }
}

/** Also of another realm, such as a test runner's. */
function isError(thrown: unknown): thrown is Error {
  try {
    return thrown instanceof Error || Object.prototype.toString.call(thrown) === '[object Error]';
  } catch {
    return false;
  }
}
