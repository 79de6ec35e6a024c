/**
 * Ctrl-C reaches every process of a terminal. The ones that were started leave it to the one that started them to end
 * them in order; they end with it if it dies.
 */
export function outliveInterrupts(): void {
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit());
}
