// Opens a store when it is told to, adds one to a sum in it, and ends: `open-postgres.ts <address> <schema>`.
import { once } from 'node:events';
import { postgresStore } from '../../../src/stores/postgres/index.js';

const [, , connectionString, schema] = process.argv;
await import('pg');
console.log('loaded');
await once(process.stdin, 'data');
const store = await postgresStore({ connectionString, schema, agent: 'shared' });
await store.values.update('sum', (sum) => Number(sum) + 1);
await store.close();
console.log('opened');
process.exit(0);
