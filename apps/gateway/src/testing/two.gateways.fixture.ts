import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeldAnswers } from '../webhook/webhook.hold';
import { startGateway, type TestGateway } from './gateway.fixture';
import { payload, until, webhooksOf, type Payload } from './webhook.fixture';

const catalog = `
publishers:
  fabrikam:
    offers:
      team: { displayName: Team, noDowngrade: [silver, gold], plans: { silver: {}, gold: { seats: { max: 10 } } } }
      asked: { displayName: Asked, veto: { url: 'https://product.example/veto', whenSilent: accept }, plans: { silver: {}, gold: {} } }
      mail: { displayName: Mail, plans: { silver: {}, gold: {} } }
`;

type Copy = Awaited<ReturnType<TestGateway['copy']>>;
type Where = Pick<TestGateway, 'get' | 'url'>;

/** What the subscription in a payload is now. */
export const current = (changes: object = {}) => ({ publisherId: 'fabrikam', offerId: 'team', planId: 'gold', quantity: 5, ...changes });

/** A change that a rule might refuse. */
export const downgrade = (changes: object = {}) =>
  payload({ publisherId: undefined, offerId: undefined, planId: 'silver', subscription: current(), ...changes });

/**
 * Two copies of the gateway on one database, with a catalog that has rules. Their hold is longer than any decision of a spec takes, also on a busy machine.
 * After each test nothing may be held any more.
 */
export function twoGateways(settings: Readonly<Record<string, string>> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'landfall-answers-'));
  let gateway: TestGateway;
  let copy: Copy;
  beforeAll(async () => {
    const file = join(dir, 'catalog.yaml');
    writeFileSync(file, catalog);
    gateway = await startGateway({ CATALOG_FILE: file, WEBHOOK_HOLD_LIMIT: 'PT9S', ...settings });
    copy = await gateway.copy();
  });
  afterAll(async () => {
    await gateway.close();
    rmSync(dir, { recursive: true });
  });
  afterEach(() => expect([held(gateway), held(copy)]).toEqual([0, 0]));

  const held = (where: Pick<Where, 'get'>) => where.get(HeldAnswers).size;
  const waiting = (count: number, where: Pick<Where, 'get'> = gateway) =>
    until(
      () => held(where),
      (size) => size === count,
    );
  const webhooks = webhooksOf(() => gateway);
  return {
    ...webhooks,
    waiting,
    get gateway() {
      return gateway;
    },
    get copy() {
      return copy;
    },
    /** Without waiting for the answer: a promise within an object is not awaited. */
    async holding(notification: Payload, where: Where = gateway) {
      const before = held(where);
      const answering = webhooks.post(notification, { url: where.url });
      expect(await waiting(before + 1, where)).toBe(before + 1);
      return { answering };
    },
  };
}
