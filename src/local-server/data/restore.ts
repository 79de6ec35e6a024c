import type { TableName } from '../state/tables.js';
import type { World } from '../state/world.js';
import { type DataFolder, unreadable } from './folder.js';
import { TABLES } from './rows/index.js';
import { RowProblem } from './rows/table.js';

/**
 * Takes up everything that a folder holds.
 *
 * @throws StoreError `corrupt` that names the table.
 */
export async function restore(world: World, folder: DataFolder): Promise<void> {
  for (const name of Object.keys(TABLES) as TableName[]) {
    for (const row of await folder.read(name)) {
      try {
        TABLES[name].restore(world, row);
      } catch (error) {
        if (!(error instanceof RowProblem)) throw error;
        throw unreadable(`In a row of its table "${name}", ${error.message}.`, error);
      }
    }
  }
  settle(world);
}

/** What is put right when everything is there. */
export function settle(world: World): void {
  // A group in which nothing was said stands in the list where it was created.
  for (const agent of world.agents.all()) {
    const inOrder = [...agent.conversations.forward()].sort((one, other) =>
      one.conversation.updatedAt < other.conversation.updatedAt
        ? -1
        : one.conversation.updatedAt > other.conversation.updatedAt
          ? 1
          : 0,
    );
    for (const { activity } of inOrder) if (activity !== undefined) agent.conversations.moveToEnd(activity);
  }
}
