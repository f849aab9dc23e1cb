import type { ShownSnapshot } from '@landfall/contracts';
import { register } from '@landfall/service-defaults';
import { testApp } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { aCatalog, aRead, at, observed, settled, verified } from '../testing/subscription.builders';

const dir = mkdtempSync(join(tmpdir(), 'landfall-subscription-'));
const path = join(dir, 'catalog.yaml');
writeFileSync(path, JSON.stringify(aCatalog())); // JSON is YAML
afterAll(() => rmSync(dir, { recursive: true }));

const app = testApp(AppModule, { schema, migrations, env: { CATALOG_FILE: path } });

/** A subscription of ten gold seats, and a step down to silver. */
async function aStepDown() {
  const subscriptionId = randomUUID();
  const read = (second: number, more: Partial<ShownSnapshot> = {}) => aRead(second, { subscriptionId, planId: 'gold', ...more });
  const operation = { subscriptionId, operationId: randomUUID(), action: 'ChangePlan', planId: 'silver' };
  await app.deliver(observed(read(5)));
  await app.sent();
  return { read, operation };
}
const sent = async () => (await app.sent()).map(({ type, data }) => ({ type: type.replace(/^landfall\.|\.v1$/g, ''), data }));
const decidedByMicrosoft = async (how: string): Promise<number> => {
  const { values } = await register.getSingleMetric('subscription_changes_decided_by_microsoft_total')!.get();
  return values.find(({ labels }) => labels['how'] === how)!.value;
};

it('refuses by the catalog in force and tells it once, when Microsoft says that it has failed (rules 7 and 8), across the database', async () => {
  const { read, operation } = await aStepDown();
  await app.deliver(verified({ ...operation, read: read(20) }));
  const [refusal, ...more] = await sent();
  expect(refusal).toMatchObject({ type: 'subscription.operation-decided', data: { verdict: 'refused' } });
  expect(more).toEqual([]);
  const end = settled({ ...operation, settled: 'Failed', read: read(30) });
  await app.deliver(end);
  await app.deliver(end, settled({ ...operation, settled: 'Failed', read: read(31) }));
  expect(await sent()).toMatchObject([
    {
      type: 'subscription.change-refused',
      data: {
        reason: (refusal!.data as { reason: string }).reason,
        refused: { planId: 'silver' },
        cause: { operationId: operation.operationId },
      },
    },
    { type: 'subscription.snapshot', data: { planId: 'gold' } },
  ]);
});

it('tells what Microsoft did against a refusal as overruled (rule 8), and counts it', async () => {
  const { read, operation } = await aStepDown();
  await app.deliver(verified({ ...operation, read: read(20) }));
  await app.sent();
  const before = await decidedByMicrosoft('overruled');
  await app.deliver(settled({ ...operation, read: read(30) }));
  const events = await sent();
  expect(events[0]).toMatchObject({ type: 'subscription.plan-changed', data: { overruled: true } });
  expect(await decidedByMicrosoft('overruled')).toBe(before + 1);
});

it('counts a change that had ended before it could be refused', async () => {
  const { read, operation } = await aStepDown();
  const before = await decidedByMicrosoft('ended-before-verdict');
  await app.deliver(verified({ ...operation, operationStatus: 'Succeeded', operationDate: at(20), read: read(20) }));
  expect((await sent())[0]).toMatchObject({ type: 'subscription.operation-decided', data: { verdict: 'accepted' } });
  expect(await decidedByMicrosoft('ended-before-verdict')).toBe(before + 1);
});
