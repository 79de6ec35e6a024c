import { describe, expect, it } from 'vitest';
import { drawReplicaSchedule } from './replicas/draw.js';
import { runReplicas } from './replicas/run.js';
import { keepsEveryRule } from './simulated.js';

// `npm run simulate -- --replicas` runs as many as you like.
describe('replicas in simulated trouble', () => {
  keepsEveryRule(1, 300, 'replicas');

  it('are the same run for the same seed, traced or not', async () => {
    const traced = () => runReplicas(drawReplicaSchedule(11), { traced: true });
    const [once, again, silent] = [
      await traced(),
      await traced(),
      await runReplicas(drawReplicaSchedule(11)),
    ];
    expect(again.trace).toEqual(once.trace);
    expect(once.trace.length).toBeGreaterThan(50);
    expect(silent).toEqual({ ...once, trace: [] });
    expect(once.handled).toBeGreaterThan(0);
  });
});
