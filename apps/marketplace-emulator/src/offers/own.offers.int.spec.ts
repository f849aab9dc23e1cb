import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator } from '../emulator';
import { readArguments } from '../main.arguments';
import { Publisher } from '../testing/publisher';

const mine = {
  offerId: 'my-saas',
  plans: [
    { planId: 'basic', seats: { min: 1, max: 50 } },
    { planId: 'more', seats: {} },
  ],
};

let publisher: Publisher;
let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'emulator-'));
});

afterEach(async () => {
  await publisher.stop();
  rmSync(dataDir, { recursive: true });
});

const offerIds = async () => (await publisher.control('GET', '/offers')).body.offers.map(({ offerId }: { offerId: string }) => offerId);

async function restart(options: object): Promise<void> {
  await publisher.stop();
  publisher = await Publisher.start({ dataDir, ...options });
}

describe('offers of the start', () => {
  it('replace the built-in ones, and the first of each kind is named in what is printed', async () => {
    publisher = await Publisher.start({ offers: [mine] });
    expect(await offerIds()).toEqual(['my-saas']);
    expect(publisher.emulator).toMatchObject({ perSeatOfferId: 'my-saas', meteredOfferId: null });
    expect(await publisher.truth(await publisher.buy())).toMatchObject({ offerId: 'my-saas', planId: 'basic', quantity: 1 });
  });

  it('can come from a file, as a list or as GET answers them', async () => {
    publisher = await Publisher.start();
    const file = join(dataDir, 'offers.json');
    writeFileSync(file, JSON.stringify([mine]));
    expect(readArguments(['--offers', file]).options.offers).toMatchObject([{ offerId: 'my-saas', pricing: 'per-seat' }]);
    writeFileSync(file, JSON.stringify((await publisher.control('GET', '/offers')).body));
    expect(readArguments(['--offers', file]).options.offers).toMatchObject([{ offerId: 'contoso-team' }, { offerId: 'contoso-reach' }]);
  });

  it('that are wrong or cannot be read end the start by a sentence that names them', async () => {
    publisher = await Publisher.start();
    await expect(startEmulator({ offers: [{ offerId: 'my-saas', plans: [] }] })).rejects.toThrow('0.plans: an offer has at least one plan');
    const file = join(dataDir, 'offers.json');
    expect(() => readArguments(['--offers', file])).toThrow(file);
    writeFileSync(file, '[{"offerId": "my saas", "plans": [{"planId": "basic"}]}]');
    expect(() => readArguments(['--offers', file])).toThrow('0.offerId: must be 1 to 50 characters');
  });

  it('may leave out what was bought before: who has it keeps it, and nobody else can buy it', async () => {
    publisher = await Publisher.start({ dataDir });
    const id = await publisher.subscribe({ planId: 'gold', quantity: 4 });
    await restart({ offers: [mine] });
    expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).body).toMatchObject({
      offerId: 'contoso-team',
      planId: 'gold',
      quantity: 4,
    });
    expect((await publisher.api('GET', `/saas/subscriptions/${id}/listAvailablePlans`)).body.plans).toMatchObject([
      { planId: 'gold', isStopSell: true, isPricePerSeat: true },
    ]);
    expect((await publisher.control('POST', '/purchases', { offerId: 'contoso-team' })).status).toBe(400);
  });
});

describe('offers put while the emulator runs', () => {
  it('are sold at once, survive a restart and are gone after a reset', async () => {
    publisher = await Publisher.start({ dataDir });
    expect((await publisher.control('PUT', '/offers/my-saas', { plans: mine.plans })).status).toBe(201);
    await publisher.control('PATCH', '/offers/contoso-team/plans/gold', { isStopSell: true });
    await publisher.control('DELETE', '/offers/contoso-reach');
    await restart({});
    expect(await offerIds()).toEqual(['contoso-team', 'my-saas']);
    expect((await publisher.control('POST', '/purchases', { planId: 'gold' })).body.error).toContain('no longer sold');
    expect(await publisher.truth(await publisher.buy({ offerId: 'my-saas', planId: 'more', quantity: 900_000 }))).toMatchObject({
      quantity: 900_000,
    });
    await publisher.control('POST', '/reset');
    expect(await offerIds()).toEqual(['contoso-team', 'contoso-reach']);
    await publisher.buy({ planId: 'gold' });
  });

  it('are replaced when the emulator starts with a new version of them', async () => {
    publisher = await Publisher.start({ dataDir, offers: [mine] });
    await publisher.control('PUT', '/offers/my-saas', { ...mine, displayName: 'at run time' });
    await restart({ offers: [mine] });
    expect((await publisher.control('GET', '/offers/my-saas')).body.displayName).toBe('at run time');
    await restart({ offers: [{ ...mine, displayName: 'in the file' }] });
    expect((await publisher.control('GET', '/offers/my-saas')).body.displayName).toBe('in the file');
  });

  it('that are wrong are refused field by field', async () => {
    publisher = await Publisher.start();
    const { status, body } = await publisher.control('PUT', '/offers/my-saas', { offerId: 'other', plans: [{ planId: 'A' }] });
    expect([status, body.problems]).toEqual([400, [{ field: 'plans.0.planId', problem: expect.stringContaining('a-z') }]]);
    expect((await publisher.control('PUT', '/offers/my-saas', { ...mine, offerId: 'other' })).body.problems).toMatchObject([
      { field: 'offerId' },
    ]);
  });

  it('can belong to another application, which has to be known', async () => {
    publisher = await Publisher.start();
    const applicationId = randomUUID();
    expect((await publisher.control('PUT', '/offers/my-saas', { ...mine, applicationId })).body.problems).toMatchObject([
      { field: 'applicationId', problem: expect.stringContaining('/control/applications') },
    ]);
    await publisher.control('POST', '/applications', { clientId: applicationId });
    expect((await publisher.control('PUT', '/offers/my-saas', { ...mine, applicationId })).status).toBe(201);
    const id = await publisher.buy({ offerId: 'my-saas' });
    expect((await publisher.api('GET', `/saas/subscriptions/${id}`)).status).toBe(403);
    await expect(startEmulator({ offers: [{ ...mine, applicationId }] })).rejects.toThrow('0.applicationId');
  });

  it('cannot be taken away while somebody has them, nor lose what publishing fixes', async () => {
    publisher = await Publisher.start();
    await publisher.control('PUT', '/offers/my-saas', { plans: [{ ...mine.plans[0], hasFreeTrials: true }, mine.plans[1]] });
    await publisher.control('PUT', '/offers/my-saas', { plans: [{ ...mine.plans[0], hasFreeTrials: true }] }); // nobody has one yet
    await publisher.buy({ offerId: 'my-saas' });
    expect((await publisher.control('DELETE', '/offers/my-saas')).status).toBe(409);
    const { status, body } = await publisher.control('PUT', '/offers/my-saas', { plans: [{ planId: 'other' }] });
    expect(status).toBe(409);
    for (const reason of ['pricing is per-seat', 'Plan basic has subscriptions']) expect(body.error).toContain(reason);
    const changed = { plans: [{ ...mine.plans[0], audience: [publisher.emulator.tenantId], billingTerms: [{ termUnit: 'P1M' }] }] };
    const { error } = (await publisher.control('PUT', '/offers/my-saas', changed)).body;
    for (const reason of ['cannot become private', 'trial of plan basic', 'sold for P1Y']) expect(error).toContain(reason);
    expect((await publisher.control('GET', '/offers/my-saas')).body.plans[0]).toMatchObject({ isPrivate: false, hasFreeTrials: true });
  });

  it('and plans that are not there are answered 404', async () => {
    publisher = await Publisher.start();
    for (const [method, path] of [
      ['GET', '/offers/none'],
      ['DELETE', '/offers/none'],
      ['PATCH', '/offers/none/plans/gold'],
      ['PATCH', '/offers/contoso-team/plans/none'],
    ] as const) {
      expect((await publisher.control(method, path)).status).toBe(404);
    }
  });
});

it('an offer may have a landing page and a webhook of its own', async () => {
  publisher = await Publisher.start({ settings: { webhookUrl: 'http://127.0.0.1:1/nobody', landingUrl: 'http://localhost:1/all' } });
  const technicalConfiguration = { landingUrl: 'http://localhost:1/own?x=1', webhookUrl: publisher.webhookUrl };
  await publisher.control('PUT', '/offers/my-saas', { ...mine, technicalConfiguration });
  const own = (await publisher.control('POST', '/purchases', { offerId: 'my-saas', planId: 'basic' })).body;
  expect(own.landingUrl).toContain('http://localhost:1/own?x=1&token=');
  expect((await publisher.control('POST', '/purchases')).body.landingUrl).toContain('http://localhost:1/all?token=');
  await publisher.control('POST', `/subscriptions/${own.subscriptionId}/unsubscribe`);
  expect((await publisher.webhooks(1))[0]?.body).toMatchObject({ action: 'Unsubscribe', offerId: 'my-saas' });
});
