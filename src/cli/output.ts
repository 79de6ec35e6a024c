import picocolors from 'picocolors';

/** Where a command writes. */
interface Stream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

type Colors = ReturnType<typeof picocolors.createColors>;

/**
 * What a command says: data on stdout, for people or as a line of JSON; talk on stderr, so that a pipe gets nothing but data.
 * Colour only on a terminal, and not with `NO_COLOR`.
 */
export class Output {
  /** For data. */
  readonly color: Colors;
  /** For talk. */
  readonly talk: Colors;

  constructor(
    readonly isJson: boolean,
    private readonly stdout: Stream,
    private readonly stderr: Stream,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    const isPlain = (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb';
    this.color = picocolors.createColors(!isPlain && !isJson && stdout.isTTY === true);
    this.talk = picocolors.createColors(!isPlain && stderr.isTTY === true);
  }

  /** Data: its JSON with `--json`, else its text. Each call is a line, so that a stream of them can be read line by line. */
  data(value: unknown, text: string): void {
    this.stdout.write(this.isJson ? `${JSON.stringify(value)}\n` : `${printable(text, this.color)}\n`);
  }

  /** Talk: what goes on, warnings, errors. */
  say(text: string): void {
    this.stderr.write(`${printable(text, this.talk)}\n`);
  }
}

// Control characters other than line ends and tabs: what comes from elsewhere must not drive the terminal, wherever it slips in.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** The same, but for colours: they are our own. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const CONTROL_BUT_COLOR = /(?!\u001b\[\d{1,2}m)[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

function printable(text: string, { isColorSupported }: Colors): string {
  return text.replace(isColorSupported ? CONTROL_BUT_COLOR : CONTROL, '\ufffd');
}
