import { redactText } from '../../errors/index.js';
import { type ApiKeySource, checkApiKey } from '../../http/index.js';

/** Asks for the key, and numbers the different ones, so that nobody else has to hold a secret to compare it. */
export class KeyRing {
  key = '';
  private number = 0;

  constructor(private readonly source: ApiKeySource) {}

  /** Answers at once when the key is a string. A function that hangs never answers. */
  ask(onKey: (key: string) => void, onFailure: (cause: unknown) => void): void {
    const { source } = this;
    if (typeof source === 'string') onKey(source);
    else new Promise((resolve) => resolve(source())).then(checkApiKey).then(onKey, onFailure);
  }

  /** Takes a key into use. The number changes when the key does. */
  use(key: string): number {
    if (key !== this.key) this.number++;
    this.key = key;
    return this.number;
  }

  /** A text from the other side without the key, which it may quote, and without what has the shape of one. */
  hide(text: string): string {
    return redactText(this.key === '' ? text : text.replaceAll(this.key, '***'));
  }
}
