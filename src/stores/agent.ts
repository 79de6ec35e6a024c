import { invalid } from '../http/index.js';

/** With a key it has to fit into an index. */
const MOST_LENGTH = 200;

/** Whose memory a shared store is. @throws ValidationError */
export function checkAgent(agent: unknown): void {
  const isFine = typeof agent === 'string' && agent.trim() !== '' && agent.length <= MOST_LENGTH;
  if (isFine && !agent.includes('\0')) return;
  throw invalid(
    'agent',
    `"agent" must say whose memory it is, in 1 to ${MOST_LENGTH} characters: the agent's handle, for instance. ` +
      'All processes of one agent give the same, and two agents never do',
  );
}
