import * as given from '../tenant/tenant.builders';
import { remind } from './reminder.domain';
import type { TenantChange } from '../tenant/tenant';

const seconds = 1_000;
const hours = 3_600 * seconds;
const later = (ms: number) => given.someTerms({ now: new Date(given.startedAt.getTime() + ms) });
const reminder = (change: Partial<Parameters<typeof remind>[1]> = {}) => ({
  ...{ subscriptionId: given.subscriptionId, requestId: given.requestId, goal: 'ready' as const, attempts: 1 },
  ...change,
});
const runAt = (ms: number) => new Date(given.startedAt.getTime() + ms).toISOString();

describe('a reminder', () => {
  it('asks again with the same request, and comes back after twice the time', () => {
    const outcome = remind(given.aTenant('requested', { isLocked: true, version: 7 }), reminder(), later(30 * seconds));
    expect(outcome).toMatchObject({
      kind: 'changed',
      state: { tenant: { state: 'requested', attempts: 2, waitingSince: given.startedAt } },
      effects: [
        { type: 'landfall.provisioning.tenant-requested.v1', data: { requestId: given.requestId, isLocked: true, version: 7 } },
        { kind: 'remind-product', key: `tenant:${given.subscriptionId}`, payload: { attempts: 2 }, runAt: runAt(90 * seconds) },
      ],
    });
  });

  it.each([
    { attempts: 1, waitsMs: 60 * seconds },
    { attempts: 3, waitsMs: 240 * seconds },
    { attempts: 5, waitsMs: 900 * seconds },
    { attempts: 90, waitsMs: 900 * seconds },
  ])('after $attempts requests waits $waitsMs ms for the next one', ({ attempts, waitsMs }) => {
    const outcome = remind(given.aTenant('requested', { attempts }), reminder({ attempts }), later(hours));
    expect(outcome.effects[1]).toMatchObject({ runAt: runAt(hours + waitsMs) });
  });

  it('comes at the limit at the latest', () => {
    const outcome = remind(given.aTenant('requested', { attempts: 90 }), reminder({ attempts: 90 }), later(24 * hours - 10 * seconds));
    expect(outcome.effects[1]).toMatchObject({ runAt: runAt(24 * hours) });
  });

  it('gives up at the limit, with what the product said last (rule 10)', () => {
    const outcome = remind(given.aTenant('requested', { lastFailure: 'There is no capacity.' }), reminder(), later(24 * hours));
    expect(outcome).toMatchObject({
      state: { tenant: { state: 'failed', waitingSince: null }, newSteps: [{ step: 'failed' }] },
      effects: [
        {
          type: 'landfall.provisioning.tenant-provisioning-failed.v1',
          data: { reason: 'The product did not make the tenant in time; it last said: There is no capacity.' },
        },
      ],
    });
  });

  it('asks again for a release under a key of its own, and gives up as well', () => {
    const again = remind(given.aTenant('releasing'), reminder({ goal: 'released' }), later(30 * seconds));
    expect(again.effects).toMatchObject([
      { type: 'landfall.provisioning.tenant-release-requested.v1' },
      { key: `release:${given.subscriptionId}` },
    ]);
    const last = remind(given.aTenant('releasing'), reminder({ goal: 'released' }), later(24 * hours));
    expect(last).toMatchObject({
      state: { tenant: { state: 'unreleased' } },
      effects: [{ type: 'landfall.provisioning.tenant-provisioning-failed.v1' }],
    });
  });

  it.each<[string, TenantChange | undefined]>([
    ['that was answered', given.aTenant('ready')],
    ['whose subscription ended', given.aTenant('releasing')],
    ['that was sent again already, as after a crash', given.aTenant('requested', { attempts: 2 })],
    ['whose place another one has taken', given.aTenant('requested', { order: given.anOrder({ requestId: 'another' }) })],
    ['of which nothing is known', undefined],
  ])('does nothing for a request %s', (_which, change) => {
    expect(remind(change, reminder(), later(24 * hours))).toMatchObject({ kind: 'ignored', effects: [] });
  });
});
