import { defineCommand, LOCAL_PORT } from '../command.js';

export const chaos = defineCommand({
  name: 'chaos',
  summary: 'Makes things go wrong on a running local service.',
  about: [
    [
      'What can be done:',
      '  show                     Which faults are on, and how often each has struck.',
      '  set <fault=rate>...      Switch faults on by rate: mild, harsh, or such as dropFrames=0.05.',
      '  next <fault> [count]     Strike the next frames or calls.',
      '  cut [handle]             Cut connections now.',
      '  half-open [handle]       Make connections silent now, and leave them open.',
      '  shut-out <handle>        Let an agent in no more.',
      '  let-in <handle>          Let it in again.',
      '  restart [seconds]        Take the service down for so long.',
      '  clear                    End all faults.',
    ].join('\n'),
    'Faults of frames: dropFrames, duplicateFrames, reorderFrames, delayFrames, cutConnections, halfOpen. Of calls: restUnavailable, restStall, restRateLimit, restCut.',
  ],
  args: {
    action: { type: 'positional', required: true, description: 'What to do; see above.' },
    port: LOCAL_PORT,
    only: { type: 'string', valueHint: 'handle', description: 'With set and next: strike this agent only.' },
    rest: { type: 'boolean', description: 'With shut-out: calls over HTTP too.' },
  },
  furtherWords: { usage: '[what]...', does: 'Faults, an agent, or a number; see above.' },
  examples: [
    {
      run: 'agentchat chaos set dropFrames=0.1 restUnavailable=0.2 --only bot',
      does: 'A bad line to one agent.',
    },
    { run: 'agentchat chaos next restRateLimit 3', does: 'The next three calls get 429.' },
    { run: 'agentchat chaos restart 5', does: 'Five seconds without a service.' },
    { run: 'agentchat chaos clear', does: 'All is well again.' },
  ],
  async run({ args, words, out }) {
    const { runChaos } = await import('../chaos/run-chaos.js');
    return runChaos(args, words, out);
  },
});
