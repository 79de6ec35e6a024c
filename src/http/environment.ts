interface MaybeEnvironments {
  process?: { env?: Record<string, string | undefined> };
  Deno?: { env?: { get?: (name: string) => string | undefined } };
}

/**
 * An environment variable, where there is an environment and it may be read; `undefined` otherwise, and when the variable
 * is empty.
 */
export function readEnvironment(name: string): string | undefined {
  const { process, Deno } = globalThis as MaybeEnvironments;
  // Deno throws when the permission is missing, and some bundlers replace `process.env` by something odd.
  for (const read of [() => process?.env?.[name], () => Deno?.env?.get?.(name)]) {
    try {
      const value = read();
      if (typeof value === 'string' && value.trim() !== '') return value;
    } catch {
      // Then it is not there for us.
    }
  }
  return undefined;
}
