// The official client, where there is one.
import { createRequire } from 'node:module';
import { tasksOf } from './client.mjs';

const library = createRequire(import.meta.url)(process.env.AGENTCHATME_PATH ?? 'agentchatme');

export const { receiver, drain, idle, clients, gaps, crowd } = tasksOf(library);
