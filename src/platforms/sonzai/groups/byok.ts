import { checkFilled } from '../../../http/index.js';
import type { SonzaiCallOptions } from '../call-options.js';
import { checkFields } from '../checks.js';
import type { ByokKey, ByokKeyList, ByokProvider, SetByokActive, SetByokKey } from '../records/byok-key.js';
import { Group } from './group.js';

const KEYS = '/projects/{projectId}/byok-keys';
const KEY = `${KEYS}/{provider}`;

/** Keys of model providers that a project brings. */
export class Byok extends Group {
  /** The keys of a project, without the keys themselves. */
  async list(projectId: string, options: SonzaiCallOptions = {}): Promise<ByokKeyList> {
    const operation = { label: 'byok.list', method: 'GET', path: KEYS, ids: { projectId } } as const;
    return this.wire.lists<ByokKeyList>(operation, ['keys'], options);
  }

  /**
   * Stores the key of a provider, in place of an earlier one.
   *
   * @throws BadRequestError with `errorCode` `invalid_api_key` when the provider refuses the key.
   */
  async set(
    projectId: string,
    provider: ByokProvider,
    fields: SetByokKey,
    options: SonzaiCallOptions = {},
  ): Promise<ByokKey> {
    checkFields(fields, 'byok.set');
    checkFilled(fields.api_key, 'api_key');
    const ids = { projectId, provider };
    const secrets = [fields.api_key];
    return this.wire.object(
      { label: 'byok.set', method: 'PUT', path: KEY, ids, body: fields, secrets },
      options,
    );
  }

  /** Lets the platform use the key, or not. */
  async setActive(
    projectId: string,
    provider: ByokProvider,
    fields: SetByokActive,
    options: SonzaiCallOptions = {},
  ): Promise<ByokKey> {
    checkFields(fields, 'byok.setActive');
    const ids = { projectId, provider };
    return this.wire.object(
      { label: 'byok.setActive', method: 'PATCH', path: KEY, ids, body: fields },
      options,
    );
  }

  async delete(projectId: string, provider: ByokProvider, options: SonzaiCallOptions = {}): Promise<void> {
    const ids = { projectId, provider };
    await this.wire.nothing({ label: 'byok.delete', method: 'DELETE', path: KEY, ids }, options);
  }

  /** Asks the provider whether the key works: see `health_status`. */
  async test(projectId: string, provider: ByokProvider, options: SonzaiCallOptions = {}): Promise<ByokKey> {
    const ids = { projectId, provider };
    return this.wire.object({ label: 'byok.test', method: 'POST', path: `${KEY}/test`, ids }, options);
  }
}
