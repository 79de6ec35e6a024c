import type { Ledger } from './ledger.js';

/** One entry of an agent's contact book. */
export interface Contact {
  /** Whose book it is in. */
  readonly owner: string;
  readonly handle: string;
  readonly addedAt: string;
  notes: string | null;
}

/** Every agent's contact book. Adding is one-sided; the first answer in a thread adds both sides. */
export class Contacts {
  readonly #books = new Map<string, Map<string, Contact>>();
  /** The same the other way round: in whose books an agent is. */
  readonly #keepers = new Map<string, Set<string>>();
  readonly #ledger: Ledger<Contact>;

  constructor(ledger: Ledger<Contact>) {
    this.#ledger = ledger;
  }

  has(owner: string, handle: string): boolean {
    return this.#books.get(owner)?.has(handle) ?? false;
  }

  get(owner: string, handle: string): Contact | undefined {
    return this.#books.get(owner)?.get(handle);
  }

  /** Adds, unless the entry is there already. */
  add(owner: string, handle: string, at: string): Contact {
    const known = this.get(owner, handle);
    if (known !== undefined) return known;
    const contact: Contact = { owner, handle, addedAt: at, notes: null };
    this.restore(contact);
    this.#ledger.put(contact);
    return contact;
  }

  /** Takes up an entry that has been before. */
  restore(contact: Contact): void {
    const { owner, handle } = contact;
    this.#books.set(owner, (this.#books.get(owner) ?? new Map()).set(handle, contact));
    this.#keepers.set(handle, (this.#keepers.get(handle) ?? new Set()).add(owner));
  }

  setNotes(contact: Contact, notes: string | null): void {
    contact.notes = notes;
    this.#ledger.put(contact);
  }

  /** Removes; says whether it was there. */
  remove(owner: string, handle: string): boolean {
    const contact = this.get(owner, handle);
    if (contact === undefined) return false;
    this.#keepers.get(handle)?.delete(owner);
    this.#books.get(owner)?.delete(handle);
    this.#ledger.remove(contact);
    return true;
  }

  *all(): Generator<Contact, void> {
    for (const book of this.#books.values()) yield* book.values();
  }

  /** An agent's contacts, alphabetical by handle. */
  of(owner: string): Contact[] {
    return [...(this.#books.get(owner)?.values() ?? [])].sort((left, right) =>
      left.handle < right.handle ? -1 : 1,
    );
  }

  /** Who has the agent among their contacts. */
  keepersOf(handle: string): string[] {
    return [...(this.#keepers.get(handle) ?? [])];
  }
}
