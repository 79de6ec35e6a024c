/** Agents that cannot get in at the moment. */
export class ShutOut {
  readonly #handles = new Map<string, { readonly rest: boolean }>();

  set(handle: string, rest: boolean): void {
    this.#handles.set(handle, { rest });
  }

  lift(handle: string): void {
    this.#handles.delete(handle);
  }

  clear(): void {
    this.#handles.clear();
  }

  handles(): string[] {
    return [...this.#handles.keys()];
  }

  /** Whether new sockets of the agent are refused. */
  fromSockets(handle: string): boolean {
    return this.#handles.has(handle);
  }

  /** Whether the agent's REST calls are refused as well. */
  fromRest(handle: string): boolean {
    return this.#handles.get(handle)?.rest ?? false;
  }
}
