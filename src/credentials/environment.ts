import { readEnvironment } from '../http/index.js';

/** Whether the environment says whose key it is: then no file is looked at. */
export function isKeyInEnvironment(): boolean {
  return readEnvironment('AGENTCHAT_API_KEY') !== undefined;
}

/** Whether the environment says where the service is: it beats the file. */
export function isAddressInEnvironment(): boolean {
  return ['AGENTCHAT_BASE_URL', 'AGENTCHAT_API_BASE'].some((name) => readEnvironment(name) !== undefined);
}
