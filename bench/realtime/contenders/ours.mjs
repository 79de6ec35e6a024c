// The built package, as its users get it.
import * as library from '../../../dist/index.js';
import { tasksOf } from './client.mjs';

export const { receiver, drain, idle, clients, gaps, crowd } = tasksOf(library);
