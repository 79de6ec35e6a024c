import { print } from '../realtime/report.js';
import { Claims } from './claims.js';

/**
 * `npm run bench:stores`: what a bot's store costs, engine by engine. Needs the servers of Postgres and Redis on this machine,
 * which it starts by itself.
 *
 * `-- claims` for some of the scenes.
 */
const scenes = [new Claims()];

const chosen = process.argv.slice(2);
const names = scenes.map(({ name }) => name as string);
const unknown = chosen.find((name) => !names.includes(name));
if (unknown !== undefined) throw new Error(`There is no "${unknown}": choose among ${names.join(', ')}`);

for (const scene of scenes.filter(({ name }) => chosen.length === 0 || chosen.includes(name))) {
  await scene.run();
  print();
}
