/** True for anything that must be awaited. Reads `then` once, guarded: a value with a throwing getter is no promise. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false;
  try {
    return typeof (value as { then?: unknown }).then === 'function';
  } catch {
    return false;
  }
}

/**
 * Calls user code that nobody waits for: guarded, sync and async. What it throws goes to `onFailure`, and nothing that
 * it does disturbs the caller.
 */
export function callGuarded(call: () => unknown, onFailure: (error: unknown) => void): void {
  try {
    const result = call();
    if (isThenable(result)) Promise.resolve(result).then(undefined, onFailure);
  } catch (error) {
    onFailure(error);
  }
}
