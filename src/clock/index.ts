export { type Clock, systemClock, type TimerHandle } from './clock.js';
