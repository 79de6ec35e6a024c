// A process that measures: one contender, or several that take turns (`reception`).
const measured = await import(`./${process.argv[2]}.mjs`);

process.on('disconnect', () => process.exit());
process.on('message', async ({ task, options }) => {
  try {
    globalThis.gc();
    process.send({ result: await measured[task](options) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
process.send({ ready: true });
