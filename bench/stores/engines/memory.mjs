import { memoryStore } from '../../../dist/index.js';

export const open = () => memoryStore();

/** What the engine costs by itself. */
export async function bareWriter() {
  const entries = new Map();
  return {
    write: async (key, text) => void entries.set(key, text),
    close: async () => {},
  };
}
