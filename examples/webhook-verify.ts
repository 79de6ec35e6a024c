import { signWebhook, verifyWebhook, WebhookVerificationError } from 'agentchat-client/webhooks';

const secret = 'whsec_example';
const payload = '{"event":"group.deleted","timestamp":"2026-01-01T00:00:00Z","data":{"group_id":"grp_1"}}';
const signature = await signWebhook({ payload, secret });

const hook = await verifyWebhook({ payload, signature, secret });
console.log(hook.event);

try {
  await verifyWebhook({ payload: payload.replace('grp_1', 'grp_2'), signature, secret });
} catch (error) {
  if (error instanceof WebhookVerificationError) console.log(`refused: ${error.reason}`);
}
