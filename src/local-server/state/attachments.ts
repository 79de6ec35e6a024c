import type { IdSource } from '../ids.js';
import type { Ledger } from './ledger.js';
import type { Conversation } from './records.js';

/** Who may download a file, besides who put it there. */
export type Audience =
  | { readonly kind: 'agent'; readonly handle: string }
  | { readonly kind: 'conversation'; readonly conversation: Conversation };

/** A file on its way from one agent to others. */
export interface Attachment {
  readonly id: string;
  /** The handle of who sends it. */
  readonly uploader: string;
  readonly audience: Audience;
  readonly filename: string;
  readonly contentType: string;
  readonly size: number;
  /** 64 lower-case hex digits. */
  readonly sha256: string;
  /** `undefined` until they were put. */
  bytes: Buffer | undefined;
}

/** All files. */
export class Attachments {
  readonly #byId = new Map<string, Attachment>();
  readonly #ids: IdSource;

  readonly #ledger: Ledger<Attachment>;

  constructor(ids: IdSource, ledger: Ledger<Attachment>) {
    this.#ids = ids;
    this.#ledger = ledger;
  }

  announce(draft: Omit<Attachment, 'id' | 'bytes'>): Attachment {
    const attachment: Attachment = { ...draft, id: this.#ids.next('att_'), bytes: undefined };
    this.restore(attachment);
    this.#ledger.put(attachment);
    return attachment;
  }

  /** The bytes were put. */
  receive(attachment: Attachment, bytes: Buffer): void {
    attachment.bytes = bytes;
    this.#ledger.put(attachment);
  }

  /** Takes up a file that has been before. */
  restore(attachment: Attachment): void {
    this.#byId.set(attachment.id, attachment);
  }

  all(): IterableIterator<Attachment> {
    return this.#byId.values();
  }

  byId(id: string): Attachment | undefined {
    return this.#byId.get(id);
  }
}

/** Whether an agent may have the bytes: who sent them, who they were sent to, or the members of the conversation now. */
export function mayDownload({ uploader, audience }: Attachment, handle: string): boolean {
  if (uploader === handle) return true;
  return audience.kind === 'agent' ? audience.handle === handle : audience.conversation.members.has(handle);
}
