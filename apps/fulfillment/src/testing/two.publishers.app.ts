import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { purchaseOpened, webhookReceived, webhookUnreadable, type Draft, type Message } from '@landfall/contracts';
import { Keyring } from '@landfall/service-defaults';
import { aMessage, testApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { SelfCheck } from '../self-check/self.check';
import { contoso, fabrikam, TwoPublishers, type Publisher } from './two.publishers';

/** Longer than any job waits before it runs again, but for a Retry-After. */
const LONGEST_WAIT_MS = 60_000;
const LIMIT_MS = 60_000;

/** This service with the registrations of two publishers, and Microsoft over HTTP. To be called once, where a spec file begins. */
export function twoPublishersApp() {
  const secrets = mkdtempSync(join(tmpdir(), 'landfall-publishers-'));
  let microsoft!: TwoPublishers;
  const env = async () => {
    microsoft = await TwoPublishers.start();
    const clientSecretFile = join(secrets, fabrikam.name);
    writeFileSync(clientSecretFile, `${fabrikam.secret}\n`);
    const { name, tenantId, clientId } = fabrikam;
    return {
      ...{ MARKETPLACE_API_URL: `${microsoft.origin}/api`, ENTRA_AUTHORITY_URL: microsoft.origin },
      ...{ PUBLISHER_TENANT_ID: contoso.tenantId, PUBLISHER_CLIENT_ID: contoso.clientId, PUBLISHER_CLIENT_SECRET: contoso.secret },
      REGISTRATIONS: JSON.stringify([{ name, tenantId, clientId, clientSecretFile }]),
    };
  };
  const app = testApp(AppModule, { schema, migrations, env });

  /** By itself it would look some seconds after the start, and ask Microsoft in the middle of a test. */
  beforeAll(() => app.get(SelfCheck).beforeApplicationShutdown());
  afterAll(async () => {
    await microsoft?.stop();
    rmSync(secrets, { recursive: true });
  });
  afterEach(async () => {
    microsoft.release();
    microsoft.reset();
    await app.query('delete from fulfillment.job');
    await app.sent();
  });

  const incoming = <Type extends string, Data>(draft: Draft<Type, Data>): Message<Type, Data> =>
    aMessage(draft, { time: app.clock.now().toISOString() });
  const now = () => new Date().toISOString();

  return {
    app,
    incoming,
    get microsoft() {
      return microsoft;
    },
    /** A customer comes by the landing page of a publisher. */
    async opened(registration: Publisher, subscriptionId: string) {
      const encryptedToken = await app.get(Keyring).encryptFor('fulfillment', subscriptionId);
      const person = { tenantId: randomUUID(), objectId: randomUUID() };
      return incoming(
        purchaseOpened({ purchaseId: randomUUID(), registration: registration.name, encryptedToken, person, openedAt: now() }),
      );
    },
    /** A webhook comes to the address of a publisher. */
    webhook: ({ name: registration }: Publisher, subscriptionId: string, operationId: string = randomUUID()) =>
      incoming(
        webhookReceived({
          ...{ deliveryId: randomUUID(), registration, subscriptionId, operationId, action: 'ChangePlan', source: 'Azure' },
          ...{ planId: 'gold', quantity: null, timeStamp: now(), isRevert: false, receivedAt: now() },
        }),
      ),
    unreadableWebhook: ({ name: registration }: Publisher, subscriptionId: string) =>
      incoming(
        webhookUnreadable({
          ...{ deliveryId: randomUUID(), registration, subscriptionId, action: 'ChangePlan', source: 'Azure' },
          ...{ planId: 'gold', quantity: null, timeStamp: now(), isRevert: false, receivedAt: now() },
        }),
      ),
    /** Performs what is due now, and what becomes due within a minute. */
    async performLater(): Promise<void> {
      app.clock.advance(LONGEST_WAIT_MS);
      await app.perform();
    },
    /** To which registration each subscription belongs. */
    async bindings(): Promise<Record<string, string>> {
      const rows = await app.query<{ id: string; registration: string }>(
        'select subscription_id as id, registration from fulfillment.subscription_registrations',
      );
      return Object.fromEntries(rows.map(({ id, registration }) => [id, registration]));
    },
    failures: () => app.query<{ key: string; state: string; failures: number }>('select key, state, failures from fulfillment.job'),
    /** Waits for a condition, however busy the machine is. */
    async eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
      for (const began = performance.now(); !(await holds());) {
        if (performance.now() - began > LIMIT_MS) throw new Error('what was waited for did not come');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}
