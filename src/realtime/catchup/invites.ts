import { ProtocolError } from '../../errors/index.js';
import { framePayload, readDate, type ServerFrame } from '../../wire/index.js';
import type { Inbox } from '../inbox.js';
import { LazyMap } from '../util/collections.js';
import { Life } from '../util/life.js';
import { isAbsent, Retrying, Trouble } from '../util/retrying.js';
import { fieldsOf, rowsOf } from './answers.js';
import type { RestPorts } from './rest-gate.js';

export const INVITE_EVENT = 'group.invite.received';

/** Invitations that are remembered as given. Beyond it the oldest may be given again after a reconnect. */
const REMEMBERED_AT_MOST = 10_000;
/** The same invitation is pushed and listed within moments. One that is pushed later was issued anew. */
const SAME_WITHIN_MS = 60_000;
/** The push and the list may write one moment in two ways. */
const SAME_DATE_MS = 1_000;

const NO_ROWS = 'listGroupInvites() did not return an array of invitations.';

/**
 * The service pushes an invitation once, live, and keeps none for later. So the list of pending ones is read after every
 * `hello.ok`, and what nobody has been given yet goes to the same handlers. Nothing is asked while nobody listens.
 */
export class Invites {
  /** By id: what handlers were given, and when on the monotonic clock, longest ago first. */
  private readonly given = new LazyMap<string, { readonly createdAt: number; readonly at: number }>();
  private readonly trouble: Trouble;
  private inSession = false;
  private listening = false;
  private reading = new Life();

  constructor(
    private readonly ports: RestPorts,
    private readonly inbox: Pick<Inbox, 'emit'>,
  ) {
    this.trouble = new Trouble(
      'The list of group invitations cannot be read. It is tried again; see the cause.',
      ports.listener,
    );
  }

  sessionStarted(): void {
    this.inSession = true;
    this.begin();
  }

  /** Answers that are still to come are dropped. */
  sessionEnded(): void {
    this.inSession = false;
    this.reading.end();
  }

  /** Whether there are handlers. Those that come during a session are given what waits. */
  setListening(listening: boolean): void {
    if (listening === this.listening) return;
    this.listening = listening;
    this.reading.end();
    this.begin();
  }

  /** Whether handlers are to be given a pushed invitation: false when they have got it from the list already. */
  isNews(frame: ServerFrame): boolean {
    const payload = framePayload(frame);
    const id = idOf(payload);
    // Who is not listening now is given it from the list later.
    if (!this.listening || id === null) return true;
    const known = this.given.get(id);
    const createdAt = dateOf(payload);
    const justGiven = known !== undefined && this.ports.clock.now() - known.at < SAME_WITHIN_MS;
    if (justGiven && isSame(known, createdAt)) return false;
    this.remember(id, createdAt);
    return true;
  }

  private begin(): void {
    if (!this.inSession || !this.listening) return;
    this.reading = new Life();
    void this.read(this.reading);
  }

  private async read(reading: Life): Promise<void> {
    const { clock, rest, source } = this.ports;
    const { listGroupInvites } = source;
    if (listGroupInvites === undefined) return;
    const readOnce = async () => {
      const askedAt = clock.now();
      const rows = rowsOf(await rest.run((call) => listGroupInvites.call(source, call), reading), 'invites');
      if (rows === null) throw new ProtocolError({ message: NO_ROWS });
      this.trouble.over();
      this.takeIn(rows, reading, askedAt);
    };
    // A service without groups has no invitations: nothing is wrong.
    await new Retrying(clock).until(reading, readOnce, (error, askingMs) =>
      isAbsent(error, askingMs) ? { final: true, retryAfterMs: 0 } : this.trouble.failed(error),
    );
  }

  private takeIn(rows: readonly unknown[], reading: Life, askedAt: number): void {
    const listed = new Set<string>();
    for (const row of rows) {
      // A handler may take itself off, or stop the client.
      if (reading.ended) return;
      const id = idOf(row);
      if (id === null) {
        const problem =
          typeof row === 'object' && row !== null ? '"id" is not a non-empty string' : 'not an object';
        const message = `A row of the list of group invitations cannot be used: ${problem}.`;
        this.ports.counters.malformed += 1;
        this.ports.complaints.tell(problem, message);
        continue;
      }
      listed.add(id);
      const known = this.given.get(id);
      const createdAt = dateOf(row);
      if (known !== undefined && isSame(known, createdAt)) continue;
      this.remember(id, createdAt);
      this.inbox.emit({ type: INVITE_EVENT, payload: row }, 'drain');
    }
    // What is not pending any more was accepted, declined or withdrawn. Under the same id, the next one is another.
    for (const [id, { at }] of this.given) if (at < askedAt && !listed.has(id)) this.given.delete(id);
  }

  private remember(id: string, createdAt: number): void {
    this.given.delete(id);
    this.given.set(id, { createdAt, at: this.ports.clock.now() });
    if (this.given.size <= REMEMBERED_AT_MOST) return;
    for (const oldest of this.given.keys()) {
      this.given.delete(oldest);
      return;
    }
  }
}

function idOf(invitation: unknown): string | null {
  const { id } = fieldsOf(invitation);
  return typeof id === 'string' && id !== '' ? id : null;
}

function dateOf(invitation: unknown): number {
  return readDate(fieldsOf(invitation).created_at);
}

/** Where a date cannot be read, the id alone has to tell. */
function isSame(known: { readonly createdAt: number }, createdAt: number): boolean {
  return !(Math.abs(known.createdAt - createdAt) > SAME_DATE_MS);
}
