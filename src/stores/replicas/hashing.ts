/** FNV-1a over the code units, and a final mix (murmur3's) so that names that differ in one digit do not go together. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The partition of a conversation: the same in every process. */
export function partitionOf(conversationId: string, partitions: number): number {
  return hashOf(conversationId) % partitions;
}

/**
 * REP-6: who shall have a partition, by rendezvous hashing: each replica has a score for each partition, and the highest one gets it. When
 * one joins or leaves, only what it gets or had moves.
 */
export function rendezvous(partition: number, replicas: readonly string[]): string | null {
  let best: string | null = null;
  let bestScore = -1;
  for (const replica of replicas) {
    const score = hashOf(`${partition}/${replica}`);
    if (score > bestScore || (score === bestScore && best !== null && replica < best)) {
      best = replica;
      bestScore = score;
    }
  }
  return best;
}
