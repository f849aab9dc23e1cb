import { register } from '@landfall/service-defaults';
import '../too-many';
import { countDelivery } from './webhook.metrics';

const samples = async () =>
  (await register.getMetricsAsJSON())
    .filter(({ name }) => name.endsWith('_total'))
    .flatMap(({ name, values }) => values.map(({ labels, value }) => [name, labels, value]));

it('begins every counter at 0, so that an alarm sees the first event as an increase', async () => {
  const before = await samples();
  expect(before.filter(([, , value]) => value !== 0)).toEqual([]);
  expect(before).toEqual(
    expect.arrayContaining([
      ['webhook_deliveries_total', { outcome: 'too-large', reason: '', registration: 'default' }, 0],
      ['webhook_deliveries_total', { outcome: 'unreadable', reason: 'not-json', registration: 'default' }, 0],
      ['webhook_deliveries_total', { outcome: 'rejected', reason: 'expired', registration: 'default' }, 0],
      ['gateway_requests_over_budget_total', { budget: 'address' }, 0],
      ['http_connections_refused_total', { reason: 'address' }, 0],
    ]),
  );
  countDelivery({ kind: 'rejected', reason: 'expired' }, 'default');
  countDelivery({ kind: 'too-large' });
  expect(await samples()).toHaveLength(before.length);
});
