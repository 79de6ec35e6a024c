// `npm start`: installs what is missing, then runs the demo (demo/main.ts) with the arguments given.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { forward } from './forward.mjs';
import { installMissing } from './install.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
installMissing(root);
forward(
  spawn(process.execPath, ['--import', 'tsx', 'demo/main.ts', ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  }),
);
