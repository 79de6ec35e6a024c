import { defineCommand, SERVICE_ARGS } from '../command.js';

export const doctor = defineCommand({
  name: 'doctor',
  summary: 'Looks whether everything is well from here to the service, and says what is not.',
  about: [
    'Looks at the runtime, the key, the clock of this machine, the way there over HTTP and over a socket, and at what the client makes of it. Nothing is acknowledged.',
    'The exit code is that of the first finding: 2 for the key, 3 when the service refuses, 4 when it cannot be reached, 1 for anything else.',
  ],
  args: SERVICE_ARGS,
  examples: [
    { run: 'agentchat doctor', does: 'Why does my bot not receive?' },
    { run: 'agentchat doctor --json', does: 'For a bug report: no key is in it.' },
  ],
  async run({ args, out }) {
    const { runDoctor } = await import('../doctoring/run-doctor.js');
    return runDoctor(args, out);
  },
});
