import { ValidationError } from '../errors/index.js';

/**
 * Loads an optional peer dependency when it is first needed.
 *
 * @throws ValidationError that says how to install it.
 */
export async function loadPeer<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const { code } = Object(cause) as { code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw cause;
    const message = `The package "${name}" is not installed. Install it: npm install ${name}`;
    throw new ValidationError({ message, outcome: 'not_sent', cause });
  }
}
