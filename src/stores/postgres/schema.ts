/** How long a write waits for a row that somebody else has locked, and how long all its waits may take together. */
const LOCK_TIMEOUT = '3s';
const MOST_WAIT = '4 seconds';
/** Expired rows that a write removes besides. */
const SWEPT_PER_WRITE = 10;

/** The types of `write_1`, by which it is found. Another body gets another number: old and new processes share the schema. */
const WRITE = 'write_1(text, float8, text[], text[], text[], int8[], float8[])';

/** What stands in the database, as SQL that names it. */
export class Schema {
  readonly entries: string;
  private readonly quoted: string;

  /** @param name A plain identifier: it is written into statements. */
  constructor(readonly name: string) {
    this.quoted = `"${name}"`;
    this.entries = `${this.quoted}.entries`;
  }

  /** Asks whether everything is there, and what kind of database this is. */
  get look(): string {
    const { quoted } = this;
    return `SELECT current_setting('server_version_num')::int AS version,
      current_setting('server_encoding') AS encoding,
      extract(epoch FROM clock_timestamp()) * 1000 AS told,
      to_regclass('${quoted}.entries') IS NOT NULL
        AND to_regclass('${quoted}.versions') IS NOT NULL
        AND to_regprocedure('${quoted}.${WRITE}') IS NOT NULL AS is_there`;
  }

  /** Makes what is missing, in one statement: of several processes that open at once, one makes it and the others wait. */
  get make(): string {
    const { quoted, entries, name } = this;
    return `DO $do$
BEGIN
  PERFORM set_config('lock_timeout', '${LOCK_TIMEOUT}', true);
  PERFORM pg_advisory_xact_lock(hashtext('agentchat-client'), hashtext('${name}'));
  -- IF NOT EXISTS asks for the right to create one even where it exists.
  IF to_regnamespace('${quoted}') IS NULL THEN
    CREATE SCHEMA ${quoted};
  END IF;
  IF to_regclass('${entries}') IS NULL THEN
    -- Rows are changed far more often than added: room in each page keeps a change from touching the indexes.
    CREATE TABLE ${entries} (
      agent text NOT NULL,
      key text COLLATE "C" NOT NULL,
      value text NOT NULL,
      version int8 NOT NULL,
      expires_at timestamptz,
      PRIMARY KEY (agent, key)
    ) WITH (fillfactor = 80);
    CREATE INDEX entries_expires_at ON ${entries} (expires_at) WHERE expires_at IS NOT NULL;
  END IF;
  CREATE SEQUENCE IF NOT EXISTS ${quoted}.versions;
  IF to_regprocedure('${quoted}.${WRITE}') IS NULL THEN
    ${this.write}
  END IF;
END
$do$`;
  }

  /**
   * The function behind `StoreDriver.write`: all changes or none, in one statement. It locks the rows in the order of their
   * keys, which is the order of its arguments, then looks whether the conditions hold, and only then changes something.
   *
   * - An absent row cannot be locked. One that has expired long ago takes its place, and is locked in turn.
   * - The version is drawn when all rows are locked, so that those of a key only grow.
   * - A row that is only checked is shared: others may check it too, and nobody may change it before this write is done.
   */
  private get write(): string {
    const { quoted, entries } = this;
    return `CREATE FUNCTION ${quoted}.write_1(
      for_agent text, wanted_until float8, kinds text[], keys text[], texts text[],
      -- What the key must have: a version, 0 for nothing, -1 for whatever it has.
      if_versions int8[], lives_ms float8[],
      OUT written int8, OUT is_late bool, OUT told float8
    ) LANGUAGE plpgsql
    SET lock_timeout = '${LOCK_TIMEOUT}'
    -- A plan is made while the table is small, and kept when it has grown.
    SET enable_seqscan = off
    SET plan_cache_mode = force_generic_plan
    AS $write$
DECLARE
  began timestamptz := clock_timestamp();
  instant timestamptz;
  held int8;
  ends timestamptz;
BEGIN
  told := extract(epoch FROM began) * 1000;
  is_late := told > wanted_until;
  IF is_late THEN
    RETURN;
  END IF;
  -- What is refused without a lock costs no write to the disk: a claim that somebody has, a message that was handled.
  FOR n IN 1 .. cardinality(keys) LOOP
    CONTINUE WHEN if_versions[n] < 0;
    SELECT version INTO held FROM ${entries}
      WHERE agent = for_agent AND key = keys[n] AND (expires_at IS NULL OR expires_at > began);
    IF if_versions[n] <> (CASE WHEN FOUND THEN held ELSE 0 END) THEN
      RETURN;
    END IF;
  END LOOP;
  FOR n IN 1 .. cardinality(keys) LOOP
    LOOP
      IF kinds[n] = 'check' THEN
        SELECT version, expires_at INTO held, ends FROM ${entries}
          WHERE agent = for_agent AND key = keys[n] FOR SHARE;
      ELSE
        SELECT version, expires_at INTO held, ends FROM ${entries}
          WHERE agent = for_agent AND key = keys[n] FOR UPDATE;
      END IF;
      EXIT WHEN FOUND OR (kinds[n] <> 'put' AND if_versions[n] <> 0);
      INSERT INTO ${entries} VALUES (for_agent, keys[n], '', 0, '-infinity') ON CONFLICT DO NOTHING;
    END LOOP;
    instant := clock_timestamp();
    IF NOT FOUND OR ends <= instant THEN
      held := 0;
    END IF;
    told := extract(epoch FROM instant) * 1000;
    IF if_versions[n] >= 0 AND if_versions[n] <> held THEN
      RETURN;
    END IF;
    IF instant > began + interval '${MOST_WAIT}' THEN
      RAISE EXCEPTION 'agentchat-client: a write has waited too long for locked rows' USING ERRCODE = 'lock_not_available';
    END IF;
  END LOOP;
  written := nextval('${quoted}.versions');
  instant := clock_timestamp();
  FOR n IN 1 .. cardinality(keys) LOOP
    IF kinds[n] = 'put' THEN
      UPDATE ${entries} SET value = texts[n], version = written,
          expires_at = instant + make_interval(secs => lives_ms[n] / 1000)
        WHERE agent = for_agent AND key = keys[n];
    ELSIF kinds[n] = 'delete' THEN
      DELETE FROM ${entries} WHERE agent = for_agent AND key = keys[n];
    ELSIF kinds[n] = 'extend' THEN
      UPDATE ${entries} SET expires_at = instant + make_interval(secs => lives_ms[n] / 1000)
        WHERE agent = for_agent AND key = keys[n];
    END IF;
  END LOOP;
  DELETE FROM ${entries} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${entries} WHERE expires_at <= instant
      ORDER BY expires_at LIMIT ${SWEPT_PER_WRITE} FOR UPDATE SKIP LOCKED));
  told := extract(epoch FROM clock_timestamp()) * 1000;
END
$write$;`;
  }

  get callWrite(): string {
    return `SELECT written, is_late, told FROM ${this.quoted}.write_1($1, $2, $3, $4, $5, $6, $7)`;
  }
}
