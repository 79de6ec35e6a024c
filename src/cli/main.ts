#!/usr/bin/env node
import { run } from './run.js';

// Whoever reads us may have seen enough (`agentchat tail | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
});

process.exitCode = await run(process.argv.slice(2));
