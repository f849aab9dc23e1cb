import {
  fulfillmentContactErased,
  gatewayContactErased,
  provisioningContactErased,
  purchaseConfirmed,
  purchaseResolved,
  tenantProvisioningFailed,
  type Person,
} from '@landfall/contracts';
import { inTransaction, run } from '@landfall/messaging';
import { Keyring } from '@landfall/service-defaults';
import { aMessage, aPerson, columnsWith, plantInMessages, testApp, until } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { aRead, at, loaded, observed, resolved } from '../testing/subscription.builders';
import { ContactRepository } from './contact.repository';
import { contactView, erasureView, personExport } from './contact.view';

const app = testApp(AppModule, { schema, migrations });
beforeEach(() => app.sent());

const somebody = (): Person => ({ tenantId: randomUUID(), objectId: randomUUID() });
const hour = 3_600_000;

/** A purchase that a person has confirmed, giving their address. */
async function confirmedBy(person: Person = somebody(), email = `${randomUUID()}@fabrikam.example`, confirmedAt = at(30)) {
  const subscriptionId = randomUUID();
  const pending = aRead(5, { subscriptionId, status: 'PendingFulfillmentStart', term: undefined, beneficiary: person });
  const encryptedContact = await app.get(Keyring).encryptFor('subscription', JSON.stringify({ email, name: 'Grace Hopper' }));
  const given = { purchaseId: randomUUID(), subscriptionId, person, encryptedContact, answers: {}, confirmedAt };
  await app.deliver(resolved(pending), aMessage(purchaseConfirmed(given)));
  return { subscriptionId, person, email };
}
const asked = async (url: string, role: Parameters<typeof app.bearer>[0] = 'landfall.personal') =>
  app.http({ method: 'GET', url, headers: { authorization: await app.bearer(role, 'officer-1') } });
const erased = async ({ tenantId, objectId }: Person, key: string = randomUUID()) =>
  app.http({
    ...{
      method: 'POST' as const,
      url: `/contacts/${tenantId.toUpperCase()}/${objectId}/erasure`,
      payload: { reason: 'they asked for it' },
    },
    headers: { authorization: await app.bearer('landfall.personal', 'officer-1'), 'idempotency-key': key },
  });
const why = 'reason=to%20write%20to%20them';

it('shows contacts to the role for personal data alone, and records who looked and why', async () => {
  const { subscriptionId, email } = await confirmedBy();
  const url = `/subscriptions/${subscriptionId}/contacts`;
  for (const role of ['landfall.read', 'landfall.operate', 'landfall.admin'] as const)
    expect((await asked(`${url}?${why}`, role)).statusCode).toBe(403);
  expect((await asked(url)).statusCode).toBe(400);
  const found = (await asked(`${url}?${why}`)).json<object[]>();
  expect(found).toMatchObject([{ role: 'customer', email, name: 'Grace Hopper' }]);
  contactView.strict().array().parse(found);
  expect((await asked(`/subscriptions/${randomUUID()}/contacts?${why}`)).statusCode).toBe(404);
  const acts = await app.query('select act, actor, reason, before, after from subscription.operator_act where subject = $1', [
    `subscriptions/${subscriptionId}`,
  ]);
  expect(acts).toEqual([{ act: 'contacts.read', actor: 'officer-1', reason: 'to write to them', before: {}, after: {} }]);
});

it('exports everything that is held of a person', async () => {
  const { subscriptionId, person, email } = await confirmedBy();
  await confirmedBy(); // somebody else's
  const found = (await asked(`/contacts/${person.tenantId}/${person.objectId}/export?${why}`)).json<object>();
  personExport.strict().parse(found);
  expect(found).toMatchObject({
    ...{ ...person, contacts: [{ subscriptionId, email }], subscriptions: [subscriptionId], erasures: [] },
    history: [{ subscriptionId, event: 'landfall.subscription.confirmed.v1', actor: { kind: 'customer', id: person.objectId } }],
  });
});

it('erases a person from every table of this service, and leaves history readable as it was', async () => {
  const { subscriptionId, person, email } = await confirmedBy();
  const history = async () => (await asked(`/subscriptions/${subscriptionId}/history`, 'landfall.read')).json<object>();
  const failure = { subscriptionId, version: 1, reason: `no licence for ${email}` };
  await app.deliver(aMessage(tenantProvisioningFailed(failure))); // a product may say anything
  await plantInMessages(app, schema, subscriptionId, email);
  await app.query(
    `insert into subscription.change_requests (id, subscription_id, action, state, actor, actor_kind, reason, requested_at, not_before, failure, ended_at)
     values ($1, $2, 'Unsubscribe', 'failed', 'operator-1', 'operator', $3, now(), now(), $3, now())`,
    [randomUUID(), subscriptionId, `asked for by ${email}`],
  );
  const { subscriptionId: rejectedId } = await confirmedBy(person, email);
  await app.query(
    `update subscription.subscriptions set stage = 'rejected', rejection_reason = $2, cancellation_request_id = $1 where id = $1`,
    [rejectedId, `not for ${email}`],
  );
  const before = await history();
  expect((await columnsWith(app, email)).filter((column) => column.includes('transitions'))).toEqual([]);
  expect(await columnsWith(app, email)).toEqual(
    expect.arrayContaining(
      [
        'subscriptions.failure_reason',
        'subscriptions.rejection_reason',
        'change_requests.reason',
        'change_requests.failure',
        'contacts.encrypted',
        'blocked_key.reason',
        'dead_letter.value',
        'job.last_error',
        'job.payload',
      ].map((column) => `subscription.${column}`),
    ),
  );
  const key = randomUUID();
  const answer = await erased(person, key);
  expect(answer.json()).toMatchObject({ act: 'contacts.erase', reason: 'they asked for it', after: { subscriptions: 2 } });
  expect((await erased(person, key)).json()).toEqual(answer.json());
  const told = (await app.sent()).filter(({ type }) => type === 'landfall.subscription.contact-erased.v1');
  expect(told).toMatchObject([{ data: person }]);
  expect((told[0] as unknown as { data: { subscriptionIds: string[] } }).data.subscriptionIds.sort()).toEqual(
    [subscriptionId, rejectedId].sort(),
  );
  while ((await app.perform()) > 0);
  for (const form of [email, email.replace('@', '%40')]) expect(await columnsWith(app, form)).toEqual([]);
  expect(await history()).toEqual(before);
  expect((await asked(`/subscriptions/${subscriptionId}/contacts?${why}`)).json()).toEqual([]);
});

it('says how far an erasure has come, once each service has answered', async () => {
  const { person } = await confirmedBy();
  await erased(person);
  const url = `/contacts/${person.tenantId}/${person.objectId}/erasures`;
  const [begun] = (await asked(url)).json<{ erasureId: string }[]>();
  expect(begun).toMatchObject({ erased: { subscription: null, gateway: null, fulfillment: null, provisioning: null } });
  const data = { erasureId: begun!.erasureId, ...person };
  await app.deliver(
    gatewayContactErased(data),
    fulfillmentContactErased(data),
    provisioningContactErased(data),
    gatewayContactErased(data),
  );
  while ((await app.perform()) > 0);
  const when = expect.stringMatching(/Z$/);
  const [ended] = (await asked(url)).json<object[]>();
  expect(ended).toMatchObject({ erased: { subscription: when, gateway: when, fulfillment: when, provisioning: when } });
  erasureView.strict().parse(ended);
});

it('keeps nothing afterwards that was given before, and what a person gives anew', async () => {
  const person = somebody();
  await erased(person);
  const late = await confirmedBy(person);
  expect(await columnsWith(app, late.email)).toEqual([]);
  const anew = await confirmedBy(person, undefined, new Date(Date.now() + hour).toISOString());
  expect(await columnsWith(app, anew.email)).toEqual(['subscription.contacts.encrypted']);
  const other = await confirmedBy(aPerson());
  expect(await columnsWith(app, other.email)).toEqual(['subscription.contacts.encrypted']);
});

it('reaches a subscription to which the person comes at the same moment', async () => {
  const [person, subscriptionId] = [somebody(), randomUUID()];
  await app.deliver(observed(aRead(5, { subscriptionId }))); // somebody else's
  await app.sent();
  const contact = { role: 'customer', person, encrypted: 'unread', givenAt: at(30) } as const;
  const saved = Promise.withResolvers<void>();
  const consumer = inTransaction(app.get(DataSource), async (tx) => {
    await app.get(ContactRepository).save(tx, [{ ...loaded({ id: subscriptionId }), newContacts: [contact] }]);
    await run(tx, 'select', []); // it goes with this
    saved.resolve();
    await until(async () => {
      const [row] = await app.query<{ waiting: number }>(
        `select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`,
      );
      return row!.waiting > 0;
    });
  });
  await saved.promise;
  const erasing = erased(person);
  await consumer;
  expect((await erasing).statusCode).toBe(200);
  expect(await app.query('select from subscription.contacts where object_id = $1', [person.objectId])).toEqual([]);
  expect(await app.sent()).toMatchObject([{ data: { ...person, subscriptionIds: [subscriptionId] } }]);
});

it('counts what is given within the difference of two clocks as given before', async () => {
  const person = somebody();
  await erased(person);
  const given = (afterMs: number) => confirmedBy(person, undefined, new Date(Date.now() + afterMs).toISOString());
  const late = await given(0);
  const anew = await given(hour);
  expect([await columnsWith(app, late.email), await columnsWith(app, anew.email)]).toEqual([[], ['subscription.contacts.encrypted']]);
});

it('erases nothing of a person of whom nothing is known, but tells the other services', async () => {
  const person = somebody();
  expect((await erased(person)).statusCode).toBe(200);
  expect(await app.sent()).toMatchObject([{ type: 'landfall.subscription.contact-erased.v1', data: { ...person, subscriptionIds: [] } }]);
});

describe('whom Microsoft names', () => {
  const brought = async (person: Person, email: string, subscriptionId: string = randomUUID()) => {
    const read = aRead(5, { subscriptionId, status: 'PendingFulfillmentStart', term: undefined, purchaser: person });
    const encryptedContacts = await app.get(Keyring).encryptFor('subscription', JSON.stringify([{ role: 'purchaser', person, email }]));
    const message = { purchaseId: randomUUID(), subscriptionId, read, plans: [], encryptedContacts };
    await app.deliver(aMessage(purchaseResolved(message)), aMessage(purchaseResolved({ ...message, purchaseId: randomUUID() })));
    return subscriptionId;
  };

  it('can be written to although they never configured what they bought, and not after their erasure', async () => {
    const [person, email] = [somebody(), `${randomUUID()}@reseller.example`];
    const subscriptionId = await brought(person, email);
    const url = `/subscriptions/${subscriptionId}/contacts?${why}`;
    expect((await asked(url)).json()).toMatchObject([{ role: 'purchaser', ...person, email, name: null }]);
    await erased(person);
    await brought(person, email, subscriptionId); // Microsoft names them again, and always will
    expect((await asked(url)).json()).toEqual([]);
    while ((await app.perform()) > 0);
    await app.sent();
    expect(await columnsWith(app, email)).toEqual([]);
  });

  it('is done without where it cannot be read: what is said of the subscription counts', async () => {
    const encryptedContacts = await app.get(Keyring).encryptFor('gateway', '[]');
    const read = aRead(5, { subscriptionId: randomUUID() });
    const { subscriptionId } = read.snapshot;
    await app.deliver(aMessage(purchaseResolved({ purchaseId: randomUUID(), subscriptionId, read, plans: [], encryptedContacts })));
    expect((await asked(`/subscriptions/${subscriptionId}/contacts?${why}`)).json()).toEqual([]);
  });
});
