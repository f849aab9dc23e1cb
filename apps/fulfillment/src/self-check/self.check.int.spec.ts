import { Logger } from '@nestjs/common';
import { HealthRegistry } from '@landfall/service-defaults';
import { register } from 'prom-client';
import { RegistrationClients } from '../registration/registration.clients';
import { contoso, fabrikam } from '../testing/two.publishers';
import { twoPublishersApp } from '../testing/two.publishers.app';
import { SelfCheck } from './self.check';

const setup = twoPublishersApp();
const { app } = setup;

const examine = (kind: 'live' | 'ready') => app.get(HealthRegistry).examine(kind);
const notices = async () => (await examine('ready')).notices;
const valueOf = async (name: string, registration: string) =>
  Number(
    (await register.metrics())
      .split('\n')
      .find((line) => line.startsWith(`${name}{registration="${registration}"}`))
      ?.split(' ')[1],
  );

it('says nothing where Microsoft lets every registration in', async () => {
  await app.get(SelfCheck).round();
  expect(await notices()).toBeUndefined();
  expect(await valueOf('marketplace_self_check_failing_seconds', 'fabrikam')).toBe(0);
});

it('lists one page with each registration’s own token', async () => {
  const before = setup.microsoft.listed.length;
  await app.get(SelfCheck).round();
  expect(setup.microsoft.listed.slice(before).toSorted()).toEqual([contoso.name, fabrikam.name]);
});

it('says of one whose offers are another application’s what to compare, takes no work away, and looks again soon', async () => {
  setup.microsoft.health.set('fabrikam', 'not let in');
  expect(await app.get(SelfCheck).round()).toBeLessThanOrEqual(120_000);
  expect(await notices()).toEqual({ 'registration fabrikam': expect.stringMatching(/answers 403.*technical configuration/) });
  expect((await examine('live')).healthy).toBe(true);
  expect(Object.keys((await examine('ready')).checks).filter((check) => check.includes('registration'))).toEqual([]);
  expect(await valueOf('marketplace_self_check_failing_seconds', 'fabrikam')).toBeGreaterThan(0);
  expect(await valueOf('marketplace_self_check_failing_seconds', 'default')).toBe(0);

  setup.microsoft.health.set('fabrikam', 'well');
  expect(await app.get(SelfCheck).round()).toBe(3_600_000);
  expect(await notices()).toBeUndefined();
});

it('keeps what it found where our own side keeps its calls back, and looks again soon', async () => {
  setup.microsoft.health.set('fabrikam', 'throttled');
  expect(await app.get(SelfCheck).round()).toBeLessThanOrEqual(120_000);
  expect(await notices()).toBeUndefined();
  expect(await app.get(SelfCheck).round()).toBeLessThanOrEqual(120_000); // its calls rest now, and none is made
  expect(await notices()).toBeUndefined();
  setup.microsoft.health.set('fabrikam', 'well');
  await setup.eventually(async () => (await app.get(SelfCheck).round()) === 3_600_000);
});

it('says of one whose token names no service principal that this is missing', async () => {
  setup.microsoft.health.set('fabrikam', 'without a principal');
  // the token at hand is used until it ends, so that a round may still see the one before
  await setup.eventually(async () => {
    await app.get(SelfCheck).round();
    return (await notices())?.['registration fabrikam']?.includes('service principal (oid)') ?? false;
  });
  setup.microsoft.health.set('fabrikam', 'well');
  await setup.eventually(async () => (await app.get(SelfCheck).round()) === 3_600_000);
});

it('tells until when a secret signs us in, and of its end in time', async () => {
  const lifetime = app.get(RegistrationClients).checked.find(({ name }) => name === 'fabrikam')!.lifetime as { endsAtMs: number | null };
  lifetime.endsAtMs = Date.now() + 13.5 * 86_400_000;
  const warn = jest.spyOn(Logger.prototype, 'warn');
  expect(await app.get(SelfCheck).round()).toBe(3_600_000); // all is well still
  lifetime.endsAtMs -= 86_400_000;
  await app.get(SelfCheck).round();
  expect(warn.mock.calls.filter(([told]) => typeof told === 'object' && told !== null && 'registration' in told)).toHaveLength(1); // once, and not each day
  warn.mockRestore();
  expect(await valueOf('marketplace_self_check_failing_seconds', 'fabrikam')).toBe(0);
  expect(await notices()).toEqual({
    'registration fabrikam': expect.stringMatching(/the secret .* in 12 days.*make a new secret/),
  });
  expect(await valueOf('publisher_credential_expires_seconds', 'fabrikam')).toBeGreaterThan(12 * 86_400);
  expect(await valueOf('publisher_credential_expires_seconds', 'default')).toBeNaN();
  lifetime.endsAtMs = null;
});

// The last one: Entra's refusal is repeated from memory for half a minute.
it('says of one whose secret has ended so, with Entra’s number', async () => {
  setup.microsoft.health.set('fabrikam', 'not signed in');
  await setup.eventually(async () => {
    await app.get(SelfCheck).round();
    return (await notices())?.['registration fabrikam']?.includes('AADSTS7000222') ?? false;
  });
  expect((await notices())?.['registration fabrikam']).toMatch('the secret has ended: make a new one');
});
