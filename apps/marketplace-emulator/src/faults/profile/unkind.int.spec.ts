import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Publisher, until } from '../../testing/publisher';
import { presets } from './presets';

let publisher: Publisher;
const timeFactor = 0.002; // two minutes are a quarter of a second

afterEach(() => publisher.stop());

const profile = (faultProfile: object | null) => publisher.control('PATCH', '/settings', { faultProfile });
const rules = async () =>
  (await publisher.control('GET', '/faults')).body.faults as { id: string; name: string; ofProfile: boolean; matched: number }[];
const profiles = async () => (await publisher.control('GET', '/fault-profiles')).body;

it('is switched on and off by the setting; its document has all parts, and its rules count like others', async () => {
  publisher = await Publisher.start();
  expect([await profiles(), await rules()]).toEqual([{ inForce: null, presets }, []]);
  const own = await publisher.fault({ on: { route: 'jwks' }, do: { effect: 'status', status: 503 } });
  expect((await profile({ preset: 'unkind', seed: 9, timeFactor, parts: { lostWebhooks: null } })).status).toBe(200);
  expect((await profiles()).inForce).toEqual({ preset: 'unkind', seed: 9, timeFactor, parts: { ...presets.unkind, lostWebhooks: null } });
  const made = await rules();
  expect(made.filter(({ ofProfile }) => !ofProfile).map(({ id }) => id)).toEqual([own]);
  expect(made.length).toBeGreaterThan(12);
  const ofProfile = made.find(({ name }) => name === 'profile: subscriptionCopies');
  expect((await publisher.control('DELETE', `/faults/${ofProfile?.id}`)).status).toBe(409);
  await publisher.api('GET', `/saas/subscriptions/${await publisher.buy()}`);
  expect((await publisher.control('GET', `/faults/${ofProfile?.id}`)).body.matched).toBe(1);
  await profile(null);
  expect((await rules()).map(({ id }) => id)).toEqual([own]);
  await profile({});
  await publisher.control('DELETE', '/faults');
  expect([await rules(), (await profiles()).inForce]).toEqual([[], null]);
});

it('lets a rule of one own come first', async () => {
  publisher = await Publisher.start({ settings: { faultProfile: { timeFactor } } });
  const id = await publisher.buy();
  await publisher.fault({ on: { route: 'getSubscription' }, do: { effect: 'status', status: 418 } });
  expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).status).toBe(418);
});

it('survives a reset as a setting of the start, and a restart with what its rules have counted', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'emulator-'));
  try {
    const settings = { faultProfile: { seed: 3, timeFactor } };
    publisher = await Publisher.start({ dataDir, settings });
    await publisher.control('POST', '/reset');
    expect((await rules()).length).toBeGreaterThan(12);
    await publisher.buy();
    await publisher.api('GET', '/saas/subscriptions');
    const before = await rules();
    expect(before.some(({ matched }) => matched > 0)).toBe(true);
    await publisher.stop();
    publisher = await Publisher.start({ dataDir, settings });
    expect(await rules()).toEqual(before);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

it('is unkind in every way, and at rest the control API tells what is true of each operation', async () => {
  const parts = { endlessOperations: { chance: 0.1 }, oddWebhooks: { orgId: 0.1, actionAlone: 0.05, reinstateWithoutId: 0.3 } };
  publisher = await Publisher.start({ settings: { faultProfile: { seed: 11, timeFactor, parts }, openChangeAtSuspend: 'stays' } });
  const ids: string[] = [];
  for (let count = 0; count < 20; count++) ids.push(await publisher.buy({ quantity: 5, autoActivate: true }));
  const act = (id: string, action: string, body?: object) => publisher.control('POST', `/subscriptions/${id}/${action}`, body);
  const rest = async () => {
    await until('no operation is open', async () => {
      await publisher.control('POST', '/clock/advance', { duration: 'PT10M' }); // what is late comes at its own time
      const truths = await Promise.all(ids.map((id) => publisher.truth(id)));
      return truths.every(({ operations }) =>
        operations.every(({ settledBy, webhookWaits }: { settledBy: string; webhookWaits: boolean }) => settledBy && !webhookWaits),
      );
    });
  };
  for (const [action, body] of [
    ['change-quantity', { quantity: 9 }],
    ['suspend'],
    ['reinstate'],
    ['change-plan', { planId: 'gold' }],
  ] as const) {
    for (const id of ids) await act(id, action, body);
    await rest();
  }
  const truths = await Promise.all(ids.map((id) => publisher.truth(id)));
  for (const truth of truths)
    expect(truth).toMatchObject({ saasSubscriptionStatus: 'Subscribed', quantity: 9, planId: 'gold', pendingOperationId: null });
  const operations = truths.flatMap((truth) => truth.operations) as {
    id: string;
    subscriptionId: string;
    status: string;
    slow: object | null;
    faults: { name: string }[];
  }[];
  const isHit = (part: string) => (operation: (typeof operations)[number]) =>
    operation.faults.some(({ name }) => name === `profile: ${part}`);
  const shown = async ({ id, subscriptionId }: (typeof operations)[number]) => {
    const { status, body } = await publisher.api('GET', `/saas/subscriptions/${subscriptionId}/operations/${id}`);
    return status === 200 ? body.status : status;
  };
  const clean = operations.filter(({ faults }) => faults.length === 0);
  for (const operation of operations) {
    if (isHit('hiddenOperations')(operation) || isHit('vanishingOperations')(operation)) expect(await shown(operation)).toBe(404);
    else expect(await shown(operation)).toBe(isHit('endlessOperations')(operation) ? 'InProgress' : operation.status);
  }
  for (const part of [
    'hiddenOperations',
    'vanishingOperations',
    'endlessOperations',
    'oddWebhooks.orgId',
    'oddWebhooks.reinstateWithoutId',
  ])
    expect([part, operations.filter(isHit(part)).length > 0]).toEqual([part, true]);
  expect(clean.length).toBeGreaterThan(operations.length / 2);
  expect(operations.filter(({ slow }) => slow).length).toBeGreaterThan(10);
  const bodies = publisher.received.map(({ body }) => body as { id?: string; action: string });
  expect(bodies.filter(({ id }) => id?.startsWith('org:')).length).toBeGreaterThan(0);
  expect(bodies.filter(({ id, action }) => id === undefined && action === 'Reinstate').length).toBeGreaterThan(0);
  const { deliveries } = (await publisher.control('GET', '/deliveries?limit=1000')).body;
  expect(deliveries.filter(({ kind }: { kind: string }) => kind === 'duplicate').length).toBeGreaterThan(0);
  expect(deliveries.filter(({ error }: { error: string | null }) => error?.includes('dropped')).length).toBeGreaterThan(0);
});
