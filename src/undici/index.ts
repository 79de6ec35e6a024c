export { type UndiciFetchOptions, undiciFetch } from './fetch.js';
