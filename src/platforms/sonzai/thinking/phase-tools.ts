import type { ToolEndThought, ToolStartThought } from '../../shared/thought.js';

/**
 * Tells when a tool begins and ends. The platform says that it uses a tool, and not when it is done with it: a tool ends when something
 * else happens.
 */
export class PhaseTools {
  #tool: string | null = null;

  /** The agent is doing this. */
  enter(phase: unknown, tool: unknown): readonly (ToolStartThought | ToolEndThought)[] {
    const next = phase === 'tool_call' && typeof tool === 'string' && tool !== '' ? tool : null;
    if (next === this.#tool) return [];
    const ended = this.leave();
    this.#tool = next;
    return next === null ? ended : [...ended, { type: 'tool_start', tool: next }];
  }

  /** Something else happens. */
  leave(): readonly ToolEndThought[] {
    const tool = this.#tool;
    this.#tool = null;
    return tool === null ? [] : [{ type: 'tool_end', tool }];
  }
}
