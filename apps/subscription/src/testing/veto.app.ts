import type { ShownSnapshot } from '@landfall/contracts';
import { register } from '@landfall/service-defaults';
import { testApp } from '@landfall/testing';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppModule } from '../app.module';
import { migrations, schema } from '../migrations';
import { VETO_LIMITS, type VetoLimits } from '../veto/veto.limits';
import { json, ProductFixture } from './product.fixture';
import { aCatalog, aRead, aSnapshot, observed } from './subscription.builders';

/** Offers whose product has a say: where it is silent a change is accepted, or refused; and one that may not be called. */
function catalogOf(host: string): string {
  const [publisherId, offerId] = [aSnapshot().publisherId, aSnapshot().offerId];
  const offerOf = (url: string, whenSilent: string) => aCatalog({ veto: { url, whenSilent } }).publishers[publisherId]!.offers[offerId];
  const offers = {
    accepting: offerOf(`http://${host}/veto`, 'accept'),
    refusing: offerOf(`http://${host}/veto`, 'refuse'),
    foreign: offerOf('https://product.example/veto', 'refuse'),
  };
  return JSON.stringify({ publishers: { [publisherId]: { offers } } }); // JSON is YAML
}

/** So long that no busy machine reaches them. */
const patient: VetoLimits = { askWithinMs: 60_000, answerWithinMs: 30_000 };

/** This service with a product that has a say, on loopback. To be called once, where a spec file begins. */
export function vetoApp() {
  const dir = mkdtempSync(join(tmpdir(), 'landfall-veto-'));
  const limits: { -readonly [Name in keyof VetoLimits]: number } = { ...patient };
  let product: ProductFixture;
  const app = testApp(AppModule, {
    overrides: [[VETO_LIMITS, limits]],
    schema,
    migrations,
    env: async () => {
      product = await ProductFixture.start();
      const path = join(dir, 'catalog.yaml');
      writeFileSync(path, catalogOf(product.host));
      return {
        CATALOG_FILE: path,
        OUTGOING_HOSTS: product.host,
        OUTGOING_NETWORKS: '127.0.0.0/8',
        VETO_SIGNING_KEYS: 'whsec_bGFuZGZhbGwtdGVzdC12ZWN0b3Itc2VjcmV0LTMyYiE=',
      };
    },
  });

  afterAll(async () => {
    await product?.stop();
    rmSync(dir, { recursive: true });
  });
  beforeEach(async () => {
    Object.assign(limits, patient);
    product.asked.length = 0;
    product.reply = json({ allowed: true });
    await app.sent();
  });

  return {
    app,
    limits,
    get product(): ProductFixture {
      return product;
    },
    /** A subscription of ten silver seats. */
    async aSubscription(offerId = 'refusing') {
      const subscriptionId = randomUUID();
      const read = (second: number, more: Partial<ShownSnapshot> = {}) => aRead(second, { subscriptionId, offerId, ...more });
      await app.deliver(observed(read(5)));
      await app.sent();
      const operation = (more: { action: string; planId?: string; quantity?: number }) => ({
        subscriptionId,
        operationId: randomUUID(),
        ...more,
      });
      return { subscriptionId, read, toGold: operation({ action: 'ChangePlan', planId: 'gold' }), operation };
    },
    /** The verdicts that were sent since it was asked last. */
    decided: async () =>
      (await app.sent())
        .filter(({ type }) => type === 'landfall.subscription.operation-decided.v1')
        .map(({ data }) => data as { operationId: string }),
    /** What is kept of the verdict about an operation. */
    kept: async (operationId: string) =>
      (
        await app.query(`select verdict, reason, decided_by as "decidedBy" from subscription.operations where operation_id = $1`, [
          operationId,
        ])
      )[0],
    counted: async (name: string, label: string): Promise<number> => {
      const { values } = await register.getSingleMetric(name)!.get();
      return values.find(({ labels }) => Object.values(labels).includes(label))!.value;
    },
  };
}
