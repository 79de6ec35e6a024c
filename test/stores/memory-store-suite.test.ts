import { memoryStore } from '../../src/stores/index.js';
import { MemoryDriver } from '../../src/stores/memory/memory-driver.js';
import { describeDriver } from './suite/driver-suite.js';
import { describeStore } from './suite/store-suite.js';

describeDriver('memory', false, async () => ({ open: async () => new MemoryDriver() }));
describeStore('memory', { isDurable: false, isShared: false }, async () => ({
  open: async (options) => memoryStore(options),
}));
