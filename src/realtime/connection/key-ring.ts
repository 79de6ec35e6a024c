import { redactText } from '../../errors/index.js';
import { type ApiKeySource, checkApiKey } from '../../http/index.js';

/** What came of asking for a key. */
export type KeyAnswer =
  | { readonly kind: 'key'; readonly key: string }
  | { readonly kind: 'failed'; readonly cause: unknown };

/** Asks for the key, and numbers the different ones, so that nobody else has to hold a secret to compare it. */
export class KeyRing {
  private current = '';
  private number = 0;

  constructor(private readonly source: ApiKeySource) {}

  /** The key that was used last. */
  get key(): string {
    return this.current;
  }

  /** Answers at once when the key is a string. A function that hangs never answers. */
  ask(answer: (answer: KeyAnswer) => void): void {
    const { source } = this;
    if (typeof source === 'string') {
      answer({ kind: 'key', key: source });
      return;
    }
    new Promise<unknown>((resolve) => resolve(source())).then(checkApiKey).then(
      (key) => answer({ kind: 'key', key }),
      (cause: unknown) => answer({ kind: 'failed', cause }),
    );
  }

  /** A text from the other side without the key, which it may quote, and without what has the shape of one. */
  hide(text: string): string {
    return redactText(this.current === '' ? text : text.replaceAll(this.current, '***'));
  }

  /** Takes a key into use. The number changes when the key does. */
  use(key: string): number {
    if (key !== this.current) {
      this.current = key;
      this.number++;
    }
    return this.number;
  }
}
