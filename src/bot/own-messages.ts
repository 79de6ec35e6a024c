/** So many ids are remembered, the newest. A message that answers an older one of the bot's has to mention it. */
const REMEMBERED = 2_000;

/** The ids of messages that this process has sent: whoever answers one of them means the bot. */
export class OwnMessages {
  private readonly ids = new Set<string>();

  has(id: string): boolean {
    return this.ids.has(id);
  }

  add(id: string): void {
    this.ids.delete(id);
    this.ids.add(id);
    if (this.ids.size <= REMEMBERED) return;
    for (const oldest of this.ids) {
      this.ids.delete(oldest);
      return;
    }
  }
}
