import { type CallOptions, checkOptionNames, type HttpTransport, invalid } from '../http/index.js';
import type { Agent, AvatarResponse, UpdateAgentRequest } from '../wire/index.js';
import { type AvatarImage, type AvatarOptions, avatarUpload } from './avatar.js';
import { splitOptions } from './call-arguments.js';
import { expectObject, isObject } from './expect.js';
import { handleArgument } from './handle-argument.js';

/** What {@link setAvatar} takes besides the image. */
export interface SetAvatarOptions extends AvatarOptions, CallOptions {}

const PROFILE_FIELDS: readonly string[] = ['display_name', 'description', 'settings'];
const SETTING_NAMES: readonly string[] = ['inbox_mode', 'group_invite_policy'];

/** Changes one's own profile. */
export async function updateAgent(
  transport: HttpTransport,
  handle: string,
  changes: UpdateAgentRequest,
  options: CallOptions,
): Promise<Partial<Agent>> {
  const params = { handle: handleArgument(handle) };
  checkOptionNames(changes, PROFILE_FIELDS, 'updateAgent field');
  // What is no object is left to the check against the contract, which names the field.
  if (isObject(changes.settings)) checkOptionNames(changes.settings, SETTING_NAMES, 'setting');
  if (PROFILE_FIELDS.every((name) => (changes as Record<string, unknown>)[name] === undefined)) {
    throw invalid('changes', `updateAgent: say what to change, at least one of ${PROFILE_FIELDS.join(', ')}`);
  }
  const response = await transport.call('updateAgent', { params, body: changes }, options);
  // A server may have nothing to say about it.
  return response.data === undefined ? {} : expectObject<Partial<Agent>>(response, 'updateAgent');
}

/** Sets one's own avatar. */
export async function setAvatar(
  transport: HttpTransport,
  handle: string,
  image: AvatarImage,
  options: SetAvatarOptions,
  callOptions: CallOptions,
): Promise<AvatarResponse> {
  const params = { handle: handleArgument(handle) };
  const { query, call } = splitOptions<AvatarOptions>(options, callOptions, ['contentType'], 'setAvatar');
  const { body, headers } = await avatarUpload(image, query.contentType);
  const response = await transport.call('setAvatar', { params, body, headers }, call);
  return expectObject<AvatarResponse>(response, 'setAvatar');
}
