#!/usr/bin/env node
import { run, tellOfOutput } from './run.js';

// Whoever reads us may have seen enough (`agentchat tail | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  // What cannot be shown is not done: a message that nobody has seen must not count as delivered.
  process.exit(tellOfOutput(process.argv.slice(2), error));
});

const code = await run(process.argv.slice(2));
// Whatever is still under way, such as a post that nobody answers, is nobody's any more.
process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
