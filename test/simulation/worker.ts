import { type Portion, runPortion } from './portion.js';

/** A process that runs the portions it is sent, one at a time, until it is told to go. */
process.on('message', (portion: Portion) => {
  runPortion(portion).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
