import { createHash } from 'node:crypto';
import type { Ledger } from './ledger.js';

/** A picture that agents or groups show of themselves. */
export interface Picture {
  /** From what it shows, so that the same picture is kept once. */
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

interface PictureKind {
  readonly contentType: string;
  matches(start: string): boolean;
}

/** By their first bytes, read as Latin-1: what the sender says of the type is not believed. */
const KINDS: readonly PictureKind[] = [
  { contentType: 'image/jpeg', matches: (start) => start.startsWith('\xff\xd8\xff') },
  { contentType: 'image/png', matches: (start) => start.startsWith('\x89PNG\r\n\x1a\n') },
  { contentType: 'image/gif', matches: (start) => /^GIF8[79]a/.test(start) },
  {
    contentType: 'image/webp',
    matches: (start) => start.startsWith('RIFF') && start.slice(8, 12) === 'WEBP',
  },
];

/** Where pictures are to be had, by anybody, behind the server's own address. */
export const PICTURES_PATH = '/local/pictures/';

/** The avatars of agents and groups. The service makes squares of WebP of them; here they stay as they came. */
export class Pictures {
  readonly #byKey = new Map<string, Picture>();
  readonly #ledger: Ledger<Picture>;

  constructor(ledger: Ledger<Picture>) {
    this.#ledger = ledger;
  }

  /** Keeps a picture; `undefined` when it is neither JPEG, PNG, WebP nor GIF. */
  keep(bytes: Uint8Array): Picture | undefined {
    const picture = pictureOf(bytes);
    if (picture === undefined) return undefined;
    this.restore(picture);
    this.#ledger.put(picture);
    return picture;
  }

  /** Takes up a picture that has been before. */
  restore(picture: Picture): void {
    this.#byKey.set(picture.key, picture);
  }

  all(): IterableIterator<Picture> {
    return this.#byKey.values();
  }

  byKey(key: string): Picture | undefined {
    return this.#byKey.get(key);
  }
}

/** `undefined` for bytes that are no picture. */
export function pictureOf(bytes: Uint8Array): Picture | undefined {
  const start = Buffer.from(bytes.subarray(0, 12)).toString('latin1');
  const kind = KINDS.find(({ matches }) => matches(start));
  if (kind === undefined) return undefined;
  const key = createHash('sha256').update(bytes).digest('hex');
  return { key, bytes, contentType: kind.contentType };
}

/** The address of a picture. */
export function pictureUrl(origin: string, key: string): string {
  return `${origin}${PICTURES_PATH}${key}`;
}
