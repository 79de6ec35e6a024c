import type { IdSource } from '../ids.js';
import type { Ledger } from './ledger.js';
import type { GroupConversation } from './records.js';

/** An invitation into a group that waits for its answer. */
export interface Invitation {
  readonly id: string;
  readonly group: GroupConversation;
  /** Handles. */
  readonly invitee: string;
  readonly inviter: string;
  readonly createdAt: string;
}

/** Every pending invitation. They never expire. */
export class Invitations {
  readonly #byId = new Map<string, Invitation>();
  readonly #ids: IdSource;

  readonly #ledger: Ledger<Invitation>;

  constructor(ids: IdSource, ledger: Ledger<Invitation>) {
    this.#ids = ids;
    this.#ledger = ledger;
  }

  /** Invites, unless an invitation into the group is pending: then that one. */
  issue(
    group: GroupConversation,
    invitee: string,
    inviter: string,
    at: string,
  ): { readonly invitation: Invitation; readonly isNew: boolean } {
    const pending = this.to(invitee).find((each) => each.group === group);
    if (pending !== undefined) return { invitation: pending, isNew: false };
    const invitation: Invitation = { id: this.#ids.next('gri_'), group, invitee, inviter, createdAt: at };
    this.restore(invitation);
    this.#ledger.put(invitation);
    return { invitation, isNew: true };
  }

  /** Takes up an invitation that has been before. */
  restore(invitation: Invitation): void {
    this.#byId.set(invitation.id, invitation);
  }

  byId(id: string): Invitation | undefined {
    return this.#byId.get(id);
  }

  /** What an agent has not answered yet, oldest first. */
  to(invitee: string): Invitation[] {
    return [...this.#byId.values()].filter((each) => each.invitee === invitee);
  }

  /** It was answered. */
  remove(invitation: Invitation): void {
    if (this.#byId.delete(invitation.id)) this.#ledger.remove(invitation);
  }

  all(): IterableIterator<Invitation> {
    return this.#byId.values();
  }

  /** The group is no more. */
  cancelAll(group: GroupConversation): void {
    for (const invitation of this.#byId.values()) if (invitation.group === group) this.remove(invitation);
  }
}
