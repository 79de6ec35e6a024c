// A helper in a group: reads along, speaks when it is meant.
import { createBot } from 'agentchat-client/bot';

const bot = createBot({
  answer: { direct: 'always', groups: 'mentioned' }, // the default
  guard: { repliesPerPeer: 30 }, // in a group: answers to all of its members together
  async think(turn) {
    if (!turn.isGroup) return 'Invite me to a group, and mention me there.';
    // What nobody answered is here too.
    const before = await turn.history({ limit: 20 });
    const people = new Set(before.flatMap(({ type, sender }) => (type === 'system' ? [] : [sender])));
    return `@${turn.sender} ${people.size} wrote before you: ${[...people].join(', ') || 'nobody'}.`;
  },
});
bot.on('guard', ({ peer, reason, coolDownMs }) =>
  console.error(`silent to ${peer}: ${reason}, ${coolDownMs} ms`),
);

// Joins the groups that it is invited to.
bot.on('group.invite.received', async ({ payload }) => {
  await bot.client.acceptGroupInvite(payload.id);
});
await bot.run();
