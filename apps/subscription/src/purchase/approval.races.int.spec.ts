import { aSnapshot, testApp } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { aRead, confirmed, observed, resolved } from '../testing/subscription.builders';

const { publisherId, offerId } = aSnapshot();
const catalogFile = join(mkdtempSync(join(tmpdir(), 'catalog-')), 'catalog.yaml');
writeFileSync(
  catalogFile,
  `publishers: { ${publisherId}: { offers: { ${offerId}: { displayName: Team, plans: { silver: { activation: on-approval } } } } } }`,
);
const app = testApp(AppModule, { schema, migrations, env: { CATALOG_FILE: catalogFile } });

const rounds = 8;
type Act = 'approval' | 'rejection';

async function waiting(): Promise<string> {
  const subscriptionId = randomUUID();
  await app.deliver(resolved(aRead(5, { subscriptionId, status: 'PendingFulfillmentStart', term: undefined })));
  await app.deliver(confirmed(subscriptionId));
  await app.sent();
  return subscriptionId;
}

async function act(id: string, what: Act, key: string): Promise<number> {
  const headers = { authorization: await app.bearer('landfall.operate'), 'idempotency-key': key };
  const url = `/subscriptions/${id}/${what}`;
  return (await app.http({ method: 'POST', url, headers, payload: { reason: 'We sell it in the EU only.' } })).statusCode;
}

const shown = (subscriptionId: string, status: 'Subscribed' | 'Unsubscribed') =>
  app.deliver(observed(aRead(50, { subscriptionId, status })));
const row = async (id: string) =>
  (await app.query<{ stage: string; status: string }>('select stage, status from subscription.subscriptions where id = $1', [id]))[0]!;

/** What was told, and whether the versions of it rise one by one. */
async function told(): Promise<string[]> {
  const messages = await app.sent();
  const versions = messages.filter(({ type }) => type.includes('.snapshot.')).map(({ data }) => (data as { version: number }).version);
  expect(versions).toEqual(versions.map((_, place) => versions[0]! + place));
  return messages.map(({ type }) => type.replace(/^landfall\.(subscription\.)?|\.v1$/g, ''));
}

it.each<[string, (id: string) => Promise<unknown>]>([
  ['each other alone', () => Promise.resolve()],
  ['the end', (id) => shown(id, 'Unsubscribed')],
  ['an activation by Microsoft itself', (id) => shown(id, 'Subscribed')],
])('an approval and a rejection, each sent twice, race each other and %s: one of them counts at most, once', async (_what, meanwhile) => {
  for (let round = 0; round < rounds; round++) {
    const id = await waiting();
    const keys = { approval: randomUUID(), rejection: randomUUID() };
    const acts: Act[] = round % 2 ? ['approval', 'rejection', 'approval', 'rejection'] : ['rejection', 'approval', 'rejection', 'approval'];
    const [, ...statuses] = await Promise.all([meanwhile(id), ...acts.map((what) => act(id, what, keys[what]))]);
    const done = new Set(acts.filter((_act, place) => statuses[place] === 200));
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
    expect(done.size).toBeLessThanOrEqual(1);
    const types = await told();
    expect(types.filter((type) => type === 'provisioning-requested')).toHaveLength(done.has('approval') ? 1 : 0);
    expect(types.filter((type) => type === 'fulfillment.cancel-subscription')).toHaveLength(done.has('rejection') ? 1 : 0);
    const { stage, status } = await row(id);
    if (status !== 'Unsubscribed') expect(done.size).toBe(1);
    if (done.size === 1) expect(stage).toBe(done.has('approval') ? 'provisioning' : 'rejected');
    expect(types.filter((type) => type === 'unsubscribed')).toHaveLength(status === 'Unsubscribed' ? 1 : 0);
  }
});
