/**
 * Bursts on connections that stay, as a bot's do, the contenders taking turns in one process: the same heap and the same
 * neighbours for all. In the first rounds, the rehearsal, the engine learns what is hot, and every conversation begins.
 */
export async function reception({ contenders, rehearsals, rounds, ...options }) {
  const receivers = new Map();
  for (const name of contenders) {
    const { receiver } = await import(`./${name}.mjs`);
    receivers.set(name, await receiver(options));
  }
  const found = Object.fromEntries(contenders.map((name) => [name, []]));
  for (let round = 0; round < rehearsals + rounds; round += 1) {
    // There and back: nobody always runs first.
    const order = round % 2 === 0 ? [...receivers] : [...receivers].reverse();
    for (const [name, { burst }] of order) {
      globalThis.gc();
      const elapsed = await burst();
      if (round >= rehearsals) found[name].push(elapsed);
    }
  }
  for (const { close } of receivers.values()) await close();
  return found;
}
