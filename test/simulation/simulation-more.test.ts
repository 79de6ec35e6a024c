import { describe } from 'vitest';
import { keepsEveryRule } from './simulated.js';

describe('the realtime client in more simulated trouble', () => {
  keepsEveryRule(1_001, 1_000);
});
