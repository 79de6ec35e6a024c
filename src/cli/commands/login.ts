import { defineCommand } from '../command.js';

export const login = defineCommand({
  name: 'login',
  summary: 'Keeps a key that you have, for all commands and bots of this user.',
  about: [
    'The key is read from stdin, or asked for on a terminal without being shown. It is tried before it is kept, in $AGENTCHAT_HOME/credentials (default ~/.agentchat/credentials), readable by you alone.',
    'Another account is not overwritten without --force. The variable AGENTCHAT_API_KEY goes before the file.',
  ],
  args: {
    'base-url': { type: 'string', valueHint: 'url', description: 'Where the service is.' },
    force: { type: 'boolean', description: 'Take the place of an account that is there.' },
  },
  examples: [
    { run: 'agentchat login', does: 'Asks for the key.' },
    { run: 'agentchat login < key.txt', does: 'Without a terminal.' },
  ],
  async run({ args, out }) {
    const [{ clientOf, typedAccount }, { keepAccount, refuseOverwriting }, { secretFrom }] =
      await Promise.all([import('../account.js'), import('../keep-account.js'), import('../ask.js')]);
    await refuseOverwriting(args.force === true);
    const key = await secretFrom('API key: ', 'Give the key on stdin: agentchat login < key.txt');
    const account = typedAccount(key, args['base-url']);
    const { handle } = await clientOf(account).getMe();
    await keepAccount({ ...account, handle }, out);
    return undefined;
  },
});
