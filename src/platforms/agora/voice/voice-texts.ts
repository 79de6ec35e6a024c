/** What the voice commands say. */
export interface VoiceTexts {
  /** Above the way in. `{channel}`, `{uid}` and `{minutes}` are filled in. */
  readonly join: string;
  /** In a group, after the way in went to the caller alone. */
  readonly sentToYou: string;
  /** Somebody else has a call here. `{caller}` is filled in. */
  readonly taken: string;
  /** The platform has no agent free. */
  readonly busy: string;
  readonly hungUp: string;
  readonly noCall: string;
  readonly said: string;
  /** `/say` without a text. */
  readonly nothingToSay: string;
  readonly tooLong: string;
}

export const VOICE_TEXTS: VoiceTexts = {
  join: 'I am on the line. Join channel {channel} as uid {uid} with the token in this message; it is good for {minutes} minutes.',
  sentToYou: 'I have sent you the way in.',
  taken: 'There is a call of {caller} here. Ask again when it is over.',
  busy: 'All lines are busy. Please try again in a few minutes.',
  hungUp: 'I have hung up.',
  noCall: 'There is no call here. Say "call me" to begin one.',
  said: 'I have said it.',
  nothingToSay: 'What shall I say? Write it behind the command.',
  tooLong: 'That is too long to be said at once.',
};

/** A text with its places filled in. */
export function filled(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}
