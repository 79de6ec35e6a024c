import { StoreError } from '../errors/index.js';

/**
 * Loads a library that only some users need.
 *
 * @throws StoreError `refused` that names the command which installs it, when it is not there.
 */
export async function loadPeer<T>(engine: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    const isMissing = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(
      String((cause as { code?: unknown } | null)?.code),
    );
    const advice = isMissing
      ? `The package ${name} is not installed. Run: npm install ${name}`
      : `The package ${name} could not be loaded. See the cause.`;
    throw new StoreError({ engine, fault: 'refused', advice, cause });
  }
}
