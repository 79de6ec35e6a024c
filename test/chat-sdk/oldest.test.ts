import { vi } from 'vitest';
import { deliverySuite } from './delivery-suite.js';

// The oldest version that package.json admits. It cannot be told to leave the decision which messages are new to the adapter.
vi.mock('chat', () => import('chat-oldest'));

deliverySuite('4.28');
