import { GAPS } from './gaps.js';
import { HANDLING } from './handling.js';
import type { Mutation } from './mutation.js';
import { ORDER } from './order.js';
import { REACHING } from './reaching.js';
import { REPLICAS } from './replicas.js';

/** Each drops one rule. The simulation has to object to every one of them: `npm run simulate:mutations`. */
export const MUTATIONS: readonly Mutation[] = [...ORDER, ...GAPS, ...HANDLING, ...REACHING, ...REPLICAS];
