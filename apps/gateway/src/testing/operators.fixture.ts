import { randomUUID } from 'node:crypto';
import { testApp } from '@landfall/testing';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { configurePublicEndpoint } from '../public-endpoint';
import { CLIENT, TestIdentity } from './identity.fixture';

interface ActOptions {
  readonly idempotencyKey?: string;
  readonly body?: object;
  /** Of somebody else than `operator-1`. */
  readonly authorization?: string;
}

/** The gateway with both its ports, without a network, and what an operator does at the management port. For the beginning of a file. */
export function gatewayOfOperators() {
  let identity: TestIdentity;
  const app = testApp(AppModule, {
    ...{ schema, migrations, configure: configurePublicEndpoint, hasPublicPort: true },
    env: async () => {
      identity = await TestIdentity.start();
      return {
        ...{ ENTRA_AUTHORITY_URL: identity.url, PUBLISHER_TENANT_ID: identity.tenantId, PUBLISHER_CLIENT_ID: 'publisher-client' },
        ...{ SIGNIN_AUTHORITY_URL: `${identity.url}/common/v2.0`, SIGNIN_CLIENT_ID: CLIENT.id, SIGNIN_CLIENT_SECRET: CLIENT.secret },
      };
    },
  });
  afterAll(() => identity?.stop());
  const operator = () => app.bearer('landfall.operate', 'operator-1');
  return {
    app,
    operator,
    get: async (url: string) => app.management({ url, headers: { authorization: await operator() } }),
    act: async (url: string, { idempotencyKey = randomUUID(), body = { reason: 'a test purchase' }, authorization }: ActOptions = {}) =>
      app.management({
        ...{ method: 'POST', url, payload: body },
        headers: { authorization: authorization ?? (await operator()), 'idempotency-key': idempotencyKey },
      }),
  };
}
