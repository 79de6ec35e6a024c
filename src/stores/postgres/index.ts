export type { BotStore, SharedBotStore } from '../bot-store.js';
export type { PgNotice, PgPool, PgPoolClient, PgResult, PgStatement } from './pg.js';
export { type PostgresStoreOptions, postgresStore } from './postgres-store.js';
