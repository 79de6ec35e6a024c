export type { BotStore, SharedBotStore } from '../bot-store.js';
export type { RedisClient } from './ioredis.js';
export { type RedisStoreOptions, redisStore } from './redis-store.js';
