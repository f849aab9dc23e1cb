import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { purchaseOpened, readSubscription } from '@landfall/contracts';
import { Keyring, type JWKSet } from '@landfall/service-defaults';
import { aPerson } from '@landfall/testing';
import { fulfillmentApp } from '../testing/fulfillment.app';

const { app, marketplace, incoming } = fulfillmentApp();

const grace = { ...aPerson(), emailId: 'grace@fabrikam.example' };
const ada = { ...aPerson({ objectId: '5c1c52f0-52f7-4a1a-a9a0-6f0f3a2f7b02' }), emailId: 'ada@reseller.example' };
const ofSubscription = () => new Keyring('subscription', JSON.parse(readFileSync(process.env['KEYRING_FILE'] ?? '', 'utf8')) as JWKSet);

/** Whom the only message names, as subscription reads it; null where it names nobody. */
async function named(): Promise<unknown> {
  const [message] = await app.sent();
  expect(JSON.stringify(message)).not.toMatch(/grace|ada@/);
  const { encryptedContacts } = message!.data as { encryptedContacts?: string | null };
  return encryptedContacts ? JSON.parse(await ofSubscription().decryptReceived(encryptedContacts)) : null;
}
const both = [
  { role: 'beneficiary', person: aPerson(), email: grace.emailId },
  { role: 'purchaser', person: { tenantId: ada.tenantId, objectId: ada.objectId }, email: ada.emailId },
];
const read = async (order: number) => {
  const subscriptionId = marketplace.subscription!.id;
  await app.deliver(incoming(readSubscription({ subscriptionId, order, afterMs: 0, members: ['status'], closes: [] })));
  await app.perform();
};

it('hands on whom Microsoft names in a purchase, encrypted for subscription alone', async () => {
  marketplace.show({ beneficiary: grace, purchaser: ada });
  const encryptedToken = await app.get(Keyring).encryptFor('fulfillment', marketplace.subscription!.id);
  const opened = {
    purchaseId: randomUUID(),
    registration: 'default',
    encryptedToken,
    person: aPerson(),
    openedAt: new Date().toISOString(),
  };
  await app.deliver(incoming(purchaseOpened(opened)));
  await app.perform();
  expect(await named()).toEqual(both);
});

it('does so with the reads that follow an import, and with no later one', async () => {
  marketplace.show({ beneficiary: grace, purchaser: ada });
  for (const order of [1, 2]) {
    await read(order);
    expect(await named()).toEqual(both);
  }
  await read(3);
  expect(await named()).toBeNull();
});

it('names nobody who has no address or is nobody', async () => {
  marketplace.show({ beneficiary: { ...grace, emailId: undefined } as never, purchaser: { emailId: 'ada@reseller.example' } });
  await read(1);
  expect(await named()).toBeNull();
});
