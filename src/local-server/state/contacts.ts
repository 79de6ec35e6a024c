/** One entry of an agent's contact book. */
export interface Contact {
  readonly handle: string;
  readonly addedAt: string;
  notes: string | null;
}

/** Every agent's contact book. Adding is one-sided; the first answer in a thread adds both sides. */
export class Contacts {
  readonly #books = new Map<string, Map<string, Contact>>();
  /** The same the other way round: in whose books an agent is. */
  readonly #keepers = new Map<string, Set<string>>();

  has(owner: string, handle: string): boolean {
    return this.#books.get(owner)?.has(handle) ?? false;
  }

  get(owner: string, handle: string): Contact | undefined {
    return this.#books.get(owner)?.get(handle);
  }

  /** Adds, unless the entry is there already. */
  add(owner: string, handle: string, at: string): Contact {
    let book = this.#books.get(owner);
    if (book === undefined) {
      book = new Map();
      this.#books.set(owner, book);
    }
    const known = book.get(handle);
    if (known !== undefined) return known;
    const contact: Contact = { handle, addedAt: at, notes: null };
    book.set(handle, contact);
    this.#keepers.set(handle, (this.#keepers.get(handle) ?? new Set()).add(owner));
    return contact;
  }

  /** Removes; says whether it was there. */
  remove(owner: string, handle: string): boolean {
    this.#keepers.get(handle)?.delete(owner);
    return this.#books.get(owner)?.delete(handle) ?? false;
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
