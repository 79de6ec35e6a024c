import { defineCommand, SERVICE_ARGS } from '../command.js';

export const whoami = defineCommand({
  name: 'whoami',
  summary: 'Shows whose key is used, and how the agent stands.',
  about: ['The service is asked: what the credentials file says about the handle is not taken for true.'],
  args: SERVICE_ARGS,
  examples: [{ run: 'agentchat whoami', does: 'Which agent is this?' }],
  async run({ args, out }) {
    const [{ findAccount, clientOf }, { mask }] = await Promise.all([
      import('../account.js'),
      import('../mask.js'),
    ]);
    const account = await findAccount(args);
    const { handle, display_name, status, paused_by_owner } = await clientOf(account).getMe();
    const { baseUrl, source } = account;
    const paused =
      paused_by_owner === 'none' || paused_by_owner === undefined
        ? ''
        : `, paused by its owner: ${paused_by_owner}`;
    const key = mask(account.apiKey);
    out.data(
      { handle, display_name, status, paused_by_owner, key, source, baseUrl },
      `${out.color.bold(handle)} (${status}${paused}) at ${baseUrl}\nkey ${key} from ${source}`,
    );
    return undefined;
  },
});
