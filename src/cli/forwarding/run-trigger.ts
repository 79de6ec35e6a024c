import { nearestName } from '../../http/index.js';
import { WEBHOOK_EVENTS } from '../../wire/index.js';
import { userHome } from '../account.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { Failure, UsageError } from '../failure.js';
import { findLocalService } from '../local-service.js';
import type { Output } from '../output.js';
import { ServiceControl } from '../service-control.js';
import { httpUrl, portIn } from '../values.js';
import { deliver } from '../webhook/deliver.js';
import { withOverrides } from '../webhook/overrides.js';
import { sampleOf } from '../webhook/samples.js';
import { signingSecret } from '../webhook/secret.js';

export interface TriggerArgs {
  readonly event: string;
  readonly to?: string | undefined;
  readonly for?: string | undefined;
  readonly secret?: string | undefined;
  readonly port?: string | undefined;
}

/** `agentchat trigger` */
export async function runTrigger(
  args: TriggerArgs,
  words: readonly string[],
  out: Output,
): Promise<ExitCode> {
  const { event, to, for: handle } = args;
  const sample = sampleOf(event, new Date());
  if (sample === undefined) {
    const nearest = nearestName(event, WEBHOOK_EVENTS);
    const advice =
      nearest === undefined ? `There are: ${WEBHOOK_EVENTS.join(', ')}.` : `Did you mean "${nearest}"?`;
    throw new UsageError(`There is no event "${event}". ${advice}`);
  }
  const data = withOverrides(sample.data as Record<string, unknown>, words);
  if ((to === undefined) === (handle === undefined)) {
    throw new UsageError('Say where it goes: --to <url>, or --for <handle> on the local service.');
  }
  if (to !== undefined) {
    return deliver(httpUrl(to, '--to'), { ...sample, data }, await signingSecret(args.secret), out);
  }
  const service = await findLocalService(await userHome(), portIn(args.port));
  const { deliveries } = await new ServiceControl(service).call('POST', 'webhooks/trigger', {
    handle,
    event,
    data,
  });
  const ids = deliveries as readonly string[];
  if (ids.length === 0) throw new Failure(`No active webhook of ${handle} wants ${event}.`);
  out.data(
    { deliveries: ids },
    `${event} is under way to ${ids.length} webhook${ids.length === 1 ? '' : 's'}`,
  );
  return EXIT.ok;
}
