/** What keeps this process alive, by kind. */
export type Resources = Readonly<Record<string, number>>;

export function resources(): Resources {
  const found: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) found[kind] = (found[kind] ?? 0) + 1;
  return found;
}

/** What has come since. */
export function added(before: Resources, after: Resources): Resources {
  return Object.fromEntries(
    Object.entries(after)
      .map(([kind, count]) => [kind, count - (before[kind] ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );
}
