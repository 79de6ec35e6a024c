export type { UndiciDispatcher } from './dispatch.js';
export { type UndiciFetchOptions, undiciFetch } from './fetch.js';
