import { AgentChatError, ConnectionError } from '../../errors/index.js';

/** Why something that is read again and again cannot be read at present. Each kind is told once, until it works again. */
export class Trouble {
  /** A code or a few words; null while it works. */
  kind: string | null = null;

  /** `what` is the sentence for errors that do not speak for themselves. */
  constructor(
    private readonly what: string,
    private readonly onError: (error: AgentChatError) => void,
  ) {}

  failed(error: unknown): void {
    const kind = error instanceof AgentChatError ? error.code : 'unknown';
    const news = this.kind !== kind;
    this.kind = kind;
    if (news) this.onError(error instanceof AgentChatError ? error : this.wrap(error));
  }

  over(): void {
    this.kind = null;
  }

  private wrap(cause: unknown): ConnectionError {
    return new ConnectionError({ message: this.what, outcome: 'unknown', cause });
  }
}
