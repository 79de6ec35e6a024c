/** How the command ends, for scripts. Stable: documented in docs/cli.md. */
export const EXIT = {
  /** Done. */
  ok: 0,
  /** It was tried and went wrong. */
  failed: 1,
  /** What was typed or configured cannot work. Nothing was sent. */
  usage: 2,
  /** The service, or a receiver of webhooks, said no. */
  refused: 3,
  /** There was no usable answer: no connection, no answer in time, or a fault of the other side (5xx). */
  network: 4,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
