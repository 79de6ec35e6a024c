import * as library from 'agentchatme';
import { tasksOf } from './client.mjs';

export const { receiver, drain, idle, clients, gaps, crowd } = tasksOf(library);
