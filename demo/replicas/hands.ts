/**
 * Names the hands that handler calls are in. A hand is one replica for as long as it has one partition: what it has finished it
 * saves, and nobody handles that again, unless the hand was dropped.
 */
export class Hands {
  private readonly held = new Map<string, Map<number, string>>();
  private readonly calls = new Map<string, string>();
  private count = 0;

  /** The replica has the partition from now on. */
  took(replica: string, partition: number): void {
    this.count += 1;
    this.of(replica).set(partition, `${replica}, partition ${partition}, hand ${this.count}`);
  }

  /** The replica has lost the partition. Gives the name of the hand that had it. */
  lost(replica: string, partition: number): string | undefined {
    const hand = this.of(replica).get(partition);
    this.of(replica).delete(partition);
    return hand;
  }

  /** The replica is gone. Gives all its hands, also the one of what it tells late. */
  gone(replica: string): string[] {
    const hands = [...this.of(replica).values(), replica];
    this.held.delete(replica);
    return hands;
  }

  /** A handler begins. */
  begun(replica: string, messageId: string, partition: number): string {
    const hand = this.of(replica).get(partition) ?? replica;
    this.calls.set(`${replica} ${messageId}`, hand);
    return hand;
  }

  /** The handler ends. Gives the hand that it began in. */
  ended(replica: string, messageId: string): string {
    const call = `${replica} ${messageId}`;
    const hand = this.calls.get(call) ?? replica;
    this.calls.delete(call);
    return hand;
  }

  private of(replica: string): Map<number, string> {
    const hands = this.held.get(replica) ?? new Map<number, string>();
    this.held.set(replica, hands);
    return hands;
  }
}
