import { randomUUID } from 'node:crypto';
import { DEFAULT_REGISTRATION, type Draft, type Message } from '@landfall/contracts';
import { aMessage, testApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { RegistrationClients } from '../registration/registration.clients';
import { FakeMarketplace } from './fake.marketplace';

/** Longer than any job waits before it runs again. */
const LONGEST_WAIT_MS = 60_000;

/** This service with Microsoft in memory. To be called once, where a spec file begins. */
export function fulfillmentApp() {
  const marketplace = new FakeMarketplace();
  const clients = new RegistrationClients(new Map([[DEFAULT_REGISTRATION, marketplace]]));
  const publisher = { PUBLISHER_TENANT_ID: randomUUID(), PUBLISHER_CLIENT_ID: randomUUID(), PUBLISHER_CLIENT_SECRET: 'only-for-specs' };
  const app = testApp(AppModule, { schema, migrations, env: publisher, overrides: [[RegistrationClients, clients]] });

  beforeEach(() => marketplace.reset());
  afterEach(async () => {
    await app.query('delete from fulfillment.job');
    await app.sent();
  });

  return {
    app,
    marketplace,
    /** A message as another service sends it now. */
    incoming: <Type extends string, Data>(draft: Draft<Type, Data>): Message<Type, Data> =>
      aMessage(draft, { time: app.clock.now().toISOString() }),
    /** Lets the wait of every job pass, and performs it. */
    async performLater(): Promise<void> {
      app.clock.advance(LONGEST_WAIT_MS);
      await app.perform();
    },
    /** Makes the operations older by the database's clock, as if their webhook and first look had been so much earlier. */
    async age(ms: number): Promise<void> {
      const older = ['received_at', 'first_look_at', 'shown_since', 'gone_since'].map(
        (column) => `${column} = ${column} - $1::float8 * interval '1 ms'`,
      );
      await app.query(`update fulfillment.operations set ${older.join(', ')}`, [ms]);
    },
    /** The rows of the jobs with their failures, which an outage must not count. */
    failures: () => app.query<{ state: string; failures: number }>('select state, failures from fulfillment.job'),
    /** A run of the only job whose process dies before the end of the run is recorded: the claim stays counted. */
    async crash(run: (job: never) => Promise<unknown>): Promise<void> {
      const [row] = await app.query<{ payload: string; createdAt: Date }>(
        `update fulfillment.job set attempts = attempts + 1
         returning id, kind, key, payload, attempts, 0 as "ageMs", created_at as "createdAt", causation_id as "causationId", correlation_id as "correlationId"`,
      );
      const job = { ...row, payload: JSON.parse(row!.payload) as unknown, createdAt: row!.createdAt.toISOString() };
      await run(job as never);
    },
  };
}
