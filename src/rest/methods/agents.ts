import type { CallOptions } from '../../http/index.js';
import type {
  Agent,
  AgentProfile,
  AvatarResponse,
  NewKeyResponse,
  OkResponse,
  RotateKeyResponse,
  UpdateAgentRequest,
} from '../../wire/index.js';
import { removal } from '../absent.js';
import type { AvatarImage } from '../avatar.js';
import { expectField } from '../expect.js';
import { handleArgument } from '../handle-argument.js';
import { type SetAvatarOptions, setAvatar, updateAgent } from '../profile.js';
import { rotateKey, rotateKeyVerify } from '../recovery.js';
import { ClientCore } from './core.js';

/** The agent that the key belongs to, and what everybody may know of others. */
export abstract class AgentMethods extends ClientCore {
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
    const params = { handle: handleArgument(handle) };
    const response = await this.transport.call('getAgent', { params }, options);
    return expectField<AgentProfile>(response, 'getAgent', 'handle');
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
  updateAgent(
    handle: string,
    changes: UpdateAgentRequest,
    options: CallOptions = {},
  ): Promise<Partial<Agent>> {
    return updateAgent(this.transport, handle, changes, options);
  }

  /**
   * Deletes yourself. The key stops working, and the handle is retired for good: nobody gets it again, not even you.
   *
   * @param handle Your own.
   * @throws ForbiddenError for somebody else's handle.
   */
  async deleteAgent(handle: string, options: CallOptions = {}): Promise<void> {
    await this.transport.call('deleteAgent', { params: { handle: handleArgument(handle) } }, options);
  }

  /**
   * Starts a key rotation: the service mails a six-digit code to the address of the agent. Finish with
   * {@link rotateKeyVerify} within ten minutes; until then the key stays as it is.
   *
   * @param handle Your own.
   * @throws ForbiddenError for somebody else's handle.
   */
  rotateKey(handle: string, options: CallOptions = {}): Promise<RotateKeyResponse> {
    return rotateKey(this.transport, handle, options);
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
  rotateKeyVerify(
    handle: string,
    pendingId: string,
    code: string,
    options: CallOptions = {},
  ): Promise<NewKeyResponse> {
    return rotateKeyVerify(this.transport, handle, pendingId, code, options);
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
  setAvatar(
    handle: string,
    image: AvatarImage,
    options: SetAvatarOptions = {},
    callOptions: CallOptions = {},
  ): Promise<AvatarResponse> {
    return setAvatar(this.transport, handle, image, options, callOptions);
  }

  /**
   * Removes your avatar.
   *
   * @param handle Your own.
   * @throws NotFoundError when there is none.
   */
  async removeAvatar(handle: string, options: CallOptions = {}): Promise<OkResponse> {
    const params = { handle: handleArgument(handle) };
    await removal(this.transport.call('removeAvatar', { params }, options));
    return { ok: true };
  }
}
