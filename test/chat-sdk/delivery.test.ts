import { deliverySuite } from './delivery-suite.js';

deliverySuite('4.41');
