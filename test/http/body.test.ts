import { describe, expect, it } from 'vitest';
import { BodyCollector } from '../../src/http/body.js';

describe('BodyCollector', () => {
  it('puts pieces of any size together', () => {
    const text = JSON.stringify(Array.from({ length: 9_000 }, (_, n) => `grüße 🦊 ${n}`));
    const all = new TextEncoder().encode(text);
    for (const size of [1, 2, 3, 1_000, 16_384, 16_385, all.length]) {
      const collector = new BodyCollector({ as: 'text', limitBytes: all.length });
      // One judgement for all: there are 200,000 pieces of one byte.
      let isTaken = true;
      for (let at = 0; at < all.length; at += size)
        isTaken = collector.add(all.subarray(at, at + size)) && isTaken;
      expect(isTaken).toBe(true);
      expect(collector.complete()).toEqual({ kind: 'text', text });
    }
  });

  it('keeps what fits, to the byte', () => {
    for (const limitBytes of [1, 4, 5, 9]) {
      const collector = new BodyCollector({ as: 'text', limitBytes });
      const chunks = ['abcd', 'efgh', 'ijkl'].map((chunk) => new TextEncoder().encode(chunk));
      expect(chunks.every((chunk) => collector.add(chunk))).toBe(false);
      expect(collector.beginning()).toEqual({
        kind: 'too_large',
        text: 'abcdefghijkl'.slice(0, limitBytes),
      });
    }
  });

  it('never writes into a chunk that is not its own', () => {
    const shared = new TextEncoder().encode('abcdXXXX');
    const collector = new BodyCollector({ as: 'text', limitBytes: 100 });
    collector.add(shared.subarray(0, 4));
    collector.add(new TextEncoder().encode('efgh'));
    expect(new TextDecoder().decode(shared)).toBe('abcdXXXX');
    expect(collector.complete()).toEqual({ kind: 'text', text: 'abcdefgh' });
  });

  it('gives bytes of their own', () => {
    const shared = Uint8Array.of(1, 2, 3);
    const collector = new BodyCollector({ as: 'bytes', limitBytes: 3 });
    collector.add(shared);
    const content = collector.complete();
    shared.fill(9);
    expect(content).toEqual({ kind: 'bytes', bytes: Uint8Array.of(1, 2, 3) });
  });

  it('takes a million pieces for hardly more than their bytes', () => {
    const collector = new BodyCollector({ as: 'bytes', limitBytes: 1e6 });
    const before = process.memoryUsage();
    for (let n = 0; n < 1e6; n++) collector.add(Uint8Array.of(n & 255));
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    expect(heapUsed + arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(64 * 1024 * 1024);
  });
});
