/** One entry of an agent's contact book. */
export interface Contact {
  readonly handle: string;
  readonly addedAt: string;
  notes: string | null;
}

/** Every agent's contact book. Adding is one-sided; the first answer in a thread adds both sides. */
export class Contacts {
  readonly #books = new Map<string, Map<string, Contact>>();

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
    return contact;
  }
}
