import { settingsSchema } from '../../settings/settings';
import { faultProfile, profileParts, type FaultProfile } from './fault.profile';
import { partsOf, presets } from './presets';
import { rulesOf } from './profile.rules';

const namesOf = (profile: FaultProfile) => new Set(rulesOf(profile).map(({ name }) => name?.replace(/^profile: (\w+).*$/, '$1')));

it('makes rules of every part, and of none where there is none', () => {
  expect(namesOf({ preset: 'unkind' })).toEqual(new Set(Object.keys(profileParts.shape)));
  expect(rulesOf({ preset: 'none' })).toEqual([]);
});

it.each(Object.keys(profileParts.shape))('lets %s be set by itself, and be left out of the rest', (part) => {
  const value = presets.unkind[part as keyof typeof presets.unkind];
  expect(namesOf({ preset: 'none', parts: { [part]: value } })).toEqual(new Set([part]));
  expect(namesOf({ preset: 'unkind', parts: { [part]: null } })).not.toContain(part);
});

it('is the same with the same seed, and with another draws otherwise', () => {
  expect(rulesOf({ seed: 7 })).toEqual(rulesOf({ seed: 7 }));
  const seeds = (seed: number) => rulesOf({ seed }).map(({ when }) => when.seed);
  expect(new Set([...seeds(7), ...seeds(8)]).size).toBe(2 * rulesOf({}).length);
});

it('multiplies every length of time by its factor', () => {
  const lengths = (timeFactor: number) =>
    [...JSON.stringify(rulesOf({ timeFactor })).matchAll(/"PT([\d.]+)S"/g)].map(([, seconds]) => Number(seconds));
  const whole = lengths(1);
  expect(whole).toContain(120);
  expect(lengths(0.5)).toEqual(whole.map((seconds) => (seconds === 0 ? 0 : seconds / 2)));
});

it('lags by two minutes for subscriptions and ten seconds for operations', () => {
  expect(partsOf({})).toMatchObject({ subscriptionCopies: { lag: 'PT2M' }, operationCopies: { lag: 'PT10S' } });
});

it('is a setting: what is no profile is refused', () => {
  for (const wrong of [
    'unkind',
    { preset: 'rude' },
    { seed: -1 },
    { timeFactor: 0 },
    { parts: { lostWebhooks: { chance: 2 } } },
    { parts: { other: null } },
  ]) {
    expect(faultProfile.safeParse(wrong).success).toBe(false);
    expect(settingsSchema.partial().safeParse({ faultProfile: wrong }).success).toBe(false);
  }
});
