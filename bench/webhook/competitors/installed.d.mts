/** The module of a competitor; null when it is not installed. */
export function installed(name: string): Promise<Record<string, unknown> | null>;
