import { AbortedError } from '../../errors/index.js';
import type { VerifiedWebhook } from '../request.js';
import type { WebhookContext } from './options.js';

/** What a handler is told beside the event, and how it hears that nobody waits for it any more. */
export class ReceivedContext implements WebhookContext {
  readonly secretIndex: number;
  readonly signedAt: number | null;
  private controller: AbortController | null = null;
  private abandoned = false;

  constructor({ secretIndex, signedAt }: VerifiedWebhook) {
    this.secretIndex = secretIndex;
    this.signedAt = signedAt;
  }

  /** Made when it is asked for: few handlers do. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.abandoned) this.abort();
    return this.controller.signal;
  }

  abandon(): void {
    this.abandoned = true;
    this.abort();
  }

  private abort(): void {
    this.controller?.abort(new AbortedError('The receiver was closed before this handler had finished.'));
  }
}
