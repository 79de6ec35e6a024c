// One contender in a process of its own: neither its garbage nor what the engine has learned from it touches the others.
const { rss: bareRss } = process.memoryUsage();
const contender = await import(`./${process.argv[2]}.mjs`);

let receiver;
const tasks = {
  ...contender,
  open: async (options) => {
    receiver = await contender.receiver(options);
  },
  burst: () => receiver.burst(),
};

process.on('disconnect', () => process.exit());
process.on('message', async ({ task, options }) => {
  try {
    const result = await tasks[task](options);
    process.send({ result: task === 'clients' ? { ...result, bareRss } : result });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
process.send({ ready: true });
