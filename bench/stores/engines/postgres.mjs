import pg from 'pg';
import { postgresStore } from '../../../dist/stores/postgres.js';

export const open = (connectionString) => postgresStore({ connectionString, agent: 'bench' });

/** What the engine costs by itself, over as many connections as the store has. */
export async function bareWriter(connectionString) {
  const pool = new pg.Pool({ connectionString, max: 10 });
  await pool.query('CREATE TABLE bare (key text PRIMARY KEY, value text)');
  return {
    write: (key, text) => pool.query('INSERT INTO bare VALUES ($1, $2)', [key, text]),
    close: () => pool.end(),
  };
}
