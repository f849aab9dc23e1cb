import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { billingEvents } from '@landfall/contracts';
import { eventually } from './eventually';
import { theSystem } from './system';
import { BillingState } from './usage/billing.state';
import { KillPoints, killPoints as allPoints } from './usage/kill.points';
import { OtherSystem } from './usage/other.system';
import { Settling } from './usage/settling';
import { decideTheRest, decideWhatIsHeld, expectThatAllAgree, findByTheList, loseAllAnswers } from './usage/settling.steps';
import { UsageRun } from './usage/usage.run';
import { threeDays } from './usage/usage.scale';

jest.setTimeout(300_000);

/** What a product reports comes to the customer's invoice at Microsoft, beyond what the plan includes, once. */
describe('usage that a product reports', () => {
  const dir = mkdtempSync(join(tmpdir(), 'usage-'));
  const killPoints = new KillPoints(dir);
  const intervals = { USAGE_COUNT_INTERVAL: 'PT1S', USAGE_COMPARISON_INTERVAL: 'PT1S' };
  const landfall = theSystem({ ...intervals, ...killPoints.settings }, { secured: true });
  afterAll(() => rmSync(dir, { recursive: true }));

  const report = async (subscriptionId: string, quantity: string) =>
    landfall.product.report(subscriptionId, { quantity, at: await landfall.microsoft.now() });

  const told = (subscriptionId: string, kind: string) =>
    landfall.topics
      .of(billingEvents.name, subscriptionId)
      .filter(({ type }) => type === `landfall.billing.${kind}.v1`)
      .map(({ data }) => data);

  it('is counted against what is included, and what is beyond it is invoiced once, after a restart as well', async () => {
    const subscriptionId = await landfall.activeSubscription({ offerId: 'contoso-reach', planId: 'base' });
    const first = { quantity: '700', at: await landfall.microsoft.now() };
    const id = await landfall.product.report(subscriptionId, first);
    await landfall.product.report(subscriptionId, { ...first, id }); // it was not sure that it arrived
    await report(subscriptionId, '800');
    await eventually(() =>
      expect(told(subscriptionId, 'usage-counted')).toContainEqual(expect.objectContaining({ usedInTerm: '1500', remaining: '0' })),
    );
    await landfall.system.kill('billing');
    await landfall.microsoft.advance('PT90M');
    await landfall.system.restart('billing');
    await eventually(() =>
      expect(told(subscriptionId, 'usage-reported')).toMatchObject([{ quantity: '500', dimension: 'emails', planId: 'base' }]),
    );
    expect(await landfall.microsoft.invoice(subscriptionId)).toMatchObject({
      terms: [{ usage: [expect.objectContaining({ amount: 5 })] }],
      amount: 105,
    });
    expect(told(subscriptionId, 'usage-refused')).toEqual([]);
    expect(await landfall.dead()).toEqual([]);
  });

  it('whose answers are lost after the work is charged once', async () => {
    const subscriptionId = await landfall.activeSubscription({ offerId: 'contoso-reach', planId: 'base' });
    await report(subscriptionId, '1200');
    await eventually(() => expect(told(subscriptionId, 'usage-counted')).toHaveLength(1));
    const lost = { name: 'lost usage', on: { route: 'postBatchUsageEvent' }, when: { count: 2 }, do: { effect: 'reset', afterWork: true } };
    await landfall.microsoft.withFault(lost, async () => {
      await landfall.microsoft.advance('PT90M');
      await eventually(async () =>
        expect((await landfall.microsoft.faults()).find(({ name }) => name === lost.name)?.fired).toBeGreaterThan(0),
      );
    });
    await eventually(() => expect(told(subscriptionId, 'usage-reported')).toMatchObject([{ quantity: '200' }]));
    expect(await landfall.microsoft.invoice(subscriptionId)).toMatchObject({ amount: 102 });
  });

  it('is settled by Microsoft’s list or an operator where nobody knows what is charged, until invoice, list and sums agree', async () => {
    const billing = new BillingState(landfall.administratorUrl());
    await billing.start();
    try {
      const [day, others] = [new Settling(landfall, billing), new OtherSystem(landfall.system.run.emulator!)];
      await day.begin();
      await decideWhatIsHeld(day, others);
      await loseAllAnswers(day);
      await findByTheList(day);
      await decideTheRest(day);
      await expectThatAllAgree(day, others);
      expect((await landfall.microsoft.breaches()).filter(({ rule }) => !rule.startsWith('late-'))).toEqual([]);
      expect(await landfall.dead()).toEqual([]);
    } finally {
      await billing.stop();
    }
  });

  it('of three days of ten subscriptions is invoiced to the cent, whatever fails, and wherever a service is killed', async () => {
    const lines: string[] = [];
    const billing = new BillingState(landfall.administratorUrl());
    await billing.start();
    try {
      const run = new UsageRun({
        ...{ seed: 1, scale: threeDays, microsoft: landfall.microsoft, billing, killPoints },
        login: landfall.system.kafkaLogin('product'),
        record: (subscriptionId) => landfall.record(subscriptionId),
        say: (line) => lines.push(`${new Date().toISOString()} ${line}`),
      });
      const report = await run.run();
      expect(report).toMatchObject({ differences: [], breaches: [] });
      expect(report.kills.toSorted()).toEqual(allPoints.toSorted());
      expect(await landfall.dead()).toEqual([]);
    } catch (error) {
      console.error(lines.join('\n'));
      throw error;
    } finally {
      await billing.stop();
    }
  }, 1_200_000);
});
