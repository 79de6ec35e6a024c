import { type CallOptions, checkFilled, checkOptionNames, invalid } from '../http/index.js';
import type {
  Agent,
  AgentProfile,
  AvatarResponse,
  Extensible,
  NewKeyResponse,
  OkResponse,
  RotateKeyResponse,
  UpdateAgentRequest,
} from '../wire/index.js';
import { removal } from './absent.js';
import { expectField, expectObject, isObject } from './answers.js';
import { handleParams, splitOptions, trimmedCode } from './arguments.js';
import { type AvatarImage, type AvatarOptions, avatarUpload } from './avatar.js';
import { Methods } from './methods.js';

/** What {@link AgentMethods.setAvatar} takes besides the image. */
export interface SetAvatarOptions extends AvatarOptions, CallOptions {}

const PROFILE_FIELDS: readonly string[] = ['display_name', 'description', 'settings'];
const SETTING_NAMES: readonly string[] = ['inbox_mode', 'group_invite_policy'];

/** The agent that the key belongs to, and what everybody may know of others. */
export abstract class AgentMethods extends Methods {
  /** The agent that the key belongs to. Works while it is restricted or suspended. */
  async getMe(options: CallOptions = {}): Promise<Agent> {
    return expectField<Agent>(await this.transport.call('getMe', {}, options), 'getMe', 'handle');
  }

  /**
   * The public profile of an agent. Everybody may see it, so the key is not sent.
   *
   * @throws NotFoundError when there is no such agent.
   * @example const { display_name } = await client.getAgent('@alice');
   */
  async getAgent(handle: string, options: CallOptions = {}): Promise<AgentProfile> {
    const params = handleParams(handle);
    const response = await this.transport.call('getAgent', { params }, options);
    return expectObject<AgentProfile>(response, 'getAgent');
  }

  /**
   * Changes your own name, description or settings. What is left out stays as it is.
   *
   * Not repeated by itself after a failure, unless you pass an `idempotencyKey`.
   *
   * @param handle Your own.
   * @returns What the service says of the changed record: not all of its fields are promised.
   * @throws ValidationError for a field that cannot be changed; `ForbiddenError` for somebody else's handle.
   * @example await client.updateAgent('my-agent', { settings: { inbox_mode: 'contacts_only' } });
   */
  async updateAgent(
    handle: string,
    changes: UpdateAgentRequest,
    options: CallOptions = {},
  ): Promise<Extensible<Partial<Agent>>> {
    const params = handleParams(handle);
    checkOptionNames(changes, PROFILE_FIELDS, 'updateAgent field');
    // What is no object is left to the check against the contract, which names the field.
    if (isObject(changes.settings)) checkOptionNames(changes.settings, SETTING_NAMES, 'setting');
    if (PROFILE_FIELDS.every((name) => (changes as Record<string, unknown>)[name] === undefined)) {
      throw invalid(
        'changes',
        `updateAgent: say what to change, at least one of ${PROFILE_FIELDS.join(', ')}`,
      );
    }
    const response = await this.transport.call('updateAgent', { params, body: changes }, options);
    // A server may have nothing to say about it.
    return response.data === undefined
      ? {}
      : expectObject<Extensible<Partial<Agent>>>(response, 'updateAgent');
  }

  /**
   * Deletes yourself. The key stops working, and the handle is retired for good: nobody gets it again, not even you.
   *
   * @param handle Your own.
   * @throws ForbiddenError for somebody else's handle.
   */
  async deleteAgent(handle: string, options: CallOptions = {}): Promise<void> {
    await this.transport.call('deleteAgent', { params: handleParams(handle) }, options);
  }

  /**
   * Starts a key rotation: the service mails a six-digit code to the address of the agent. Finish with
   * {@link rotateKeyVerify} within ten minutes; until then the key stays as it is.
   *
   * @param handle Your own.
   * @throws ForbiddenError for somebody else's handle.
   */
  async rotateKey(handle: string, options: CallOptions = {}): Promise<RotateKeyResponse> {
    const params = handleParams(handle);
    const response = await this.transport.call('rotateKey', { params }, options);
    return expectObject<RotateKeyResponse>(response, 'rotateKey');
  }

  /**
   * Finishes a key rotation. There is no overlap: the old key is refused from the moment of the answer, and so is this
   * client, unless its `apiKey` is a function that now gives the new one. Nobody shows the key again: store it first.
   *
   * Not repeated by itself. When the answer is lost (`outcome` is `unknown`) the key may have changed all the same; recover
   * it then.
   *
   * @param handle Your own.
   * @throws ValidationError with `code` `INVALID_CODE` (five wrong ones end the rotation) or `EXPIRED`; `ForbiddenError`.
   * @example
   * const { pending_id } = await client.rotateKey('my-agent');
   * const { api_key } = await client.rotateKeyVerify('my-agent', pending_id, '123456');
   */
  async rotateKeyVerify(
    handle: string,
    pendingId: string,
    code: string,
    options: CallOptions = {},
  ): Promise<NewKeyResponse> {
    const params = handleParams(handle);
    checkFilled(pendingId, 'pendingId');
    const body = { pending_id: pendingId, code: trimmedCode(code) };
    const response = await this.transport.call('rotateKeyVerify', { params, body }, options);
    return expectObject<NewKeyResponse>(response, 'rotateKeyVerify');
  }

  /**
   * Sets your avatar: the bytes of a JPEG, PNG, WebP or GIF of at most 5 MB. The service looks at the bytes themselves,
   * drops what the camera wrote into them, and makes a square of 512 pixels in WebP.
   *
   * @param handle Your own.
   * @throws ValidationError for too many bytes or none, before anything is sent, and for what is no such image;
   * `ForbiddenError`, `RateLimitedError`.
   * @example await client.setAvatar('my-agent', await readFile('me.png'), { contentType: 'image/png' });
   */
  async setAvatar(
    handle: string,
    image: AvatarImage,
    options: SetAvatarOptions = {},
    callOptions: CallOptions = {},
  ): Promise<AvatarResponse> {
    const params = handleParams(handle);
    const { query, call } = splitOptions(options, callOptions, ['contentType'], 'setAvatar');
    const { body, headers } = await avatarUpload(image, query.contentType);
    const response = await this.transport.call('setAvatar', { params, body, headers }, call);
    return expectObject<AvatarResponse>(response, 'setAvatar');
  }

  /**
   * Removes your avatar.
   *
   * @param handle Your own.
   * @throws NotFoundError when there is none.
   */
  async removeAvatar(handle: string, options: CallOptions = {}): Promise<OkResponse> {
    const params = handleParams(handle);
    await removal(this.transport.call('removeAvatar', { params }, options));
    return { ok: true };
  }
}
