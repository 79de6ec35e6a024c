/** What a voice command says: a text, and what a program reads. */
export interface VoiceReply {
  text: string;
  data?: Record<string, unknown> | undefined;
}

/** A turn of a bot, as far as the voice commands need it. That of `createBot` fits. */
export interface VoiceTurn {
  /** The handle of who wrote. */
  readonly sender: string;
  readonly text: string;
  readonly conversation: { readonly id: string };
  readonly isGroup: boolean;
  readonly signal: AbortSignal;
  reply(content: VoiceReply): Promise<unknown>;
  send(to: string, content: VoiceReply): Promise<unknown>;
  step<T>(name: string, work: (step: { readonly signal: AbortSignal }) => Promise<T>): Promise<T>;
}

/** A turn as middleware sees it. */
export interface AnsweringVoiceTurn extends VoiceTurn {
  answer: string | null;
}

/** The values of a bot's store, as far as they are used. */
export interface VoiceValues {
  get(key: string): Promise<{ readonly value: unknown; readonly version: number } | null>;
  set(
    key: string,
    value: Record<string, string | number | null>,
    options?: { ifVersion?: number | null | undefined },
  ): Promise<number | null>;
  delete(key: string, options?: { ifVersion?: number | undefined }): Promise<boolean>;
  list(
    prefix: string,
    options?: { after?: string | undefined; limit?: number | undefined },
  ): Promise<readonly { readonly key: string; readonly value: unknown; readonly version: number }[]>;
}

/** A bot, as far as the voice commands need it. That of `createBot` fits. */
export interface VoiceBot {
  readonly store: { readonly values: VoiceValues };
  command(name: string, handler: (turn: VoiceTurn, args: string) => Promise<string | null>): unknown;
  use(middleware: (turn: AnsweringVoiceTurn, next: () => Promise<void>) => Promise<void>): unknown;
}
