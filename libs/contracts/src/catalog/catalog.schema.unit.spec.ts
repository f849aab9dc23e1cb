import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { catalogJsonSchema, catalogSchema } from './catalog.schema';

const gold = { displayName: 'Gold', activation: 'on-approval', seats: { min: 1, max: 10 }, mayMoveTo: ['silver'] };
const offer = { displayName: 'Fabrikam Team', plans: { silver: {}, gold } };
const catalogOf = (changes: object) => ({ publishers: { fabrikam: { offers: { team: { ...offer, ...changes } } } } });

const faultsOf = (changes: object) =>
  catalogSchema.safeParse(catalogOf(changes)).error?.issues.map(({ path, message }) => `${path.slice(4).join('.')}: ${message}`) ?? [];

/** The names of all members that a JSON Schema describes. */
const membersIn = (schema: object): string[] => [
  ...('properties' in schema ? Object.keys(schema.properties as object) : []),
  ...Object.values(schema).flatMap((part) => (typeof part === 'object' && part !== null ? membersIn(part) : [])),
];

describe('the schema of a catalog', () => {
  it('takes a plan of which there is nothing to say, and activates what its customer has confirmed', () => {
    const { fabrikam } = catalogSchema.parse(catalogOf({})).publishers;
    expect(fabrikam?.offers['team']?.plans).toEqual({ silver: { activation: 'on-confirm' }, gold });
  });

  it.each([
    [
      'a plan that is not there',
      { noDowngrade: ['silver', 'golf'] },
      'noDowngrade.1: names the plan "golf", which the offer does not have here',
    ],
    ['a plan twice', { noDowngrade: ['silver', 'silver'] }, 'noDowngrade.1: names the plan "silver" a second time'],
    ['a move to nowhere', { plans: { silver: { mayMoveTo: ['x'] } } }, 'plans.silver.mayMoveTo.0: names the plan "x", which the offer'],
    ['a move that it forbids', { noDowngrade: ['silver', 'gold'] }, 'plans.gold.mayMoveTo.0: allows a move from "gold" to "silver", which'],
    [
      'limits that leave nothing',
      { plans: { silver: { seats: { min: 5, max: 4 } } } },
      'plans.silver.seats.max: must not be less than min',
    ],
    ['no seat at all', { plans: { silver: { seats: { min: 0 } } } }, 'plans.silver.seats.min: must be at least 1'],
    ['an open address', { veto: { url: 'http://product.example', whenSilent: 'accept' } }, 'veto.url: must be an https address'],
    ['a secret in an address', { veto: { url: 'https://a:b@product.example', whenSilent: 'accept' } }, 'veto.url: must be an https'],
    ['a name that no table takes', { displayName: 'Sil\0ver' }, 'displayName: must be one line'],
    ['a name with half a letter', { displayName: 'Sil\ud83d' }, 'displayName: must be one line'],
    ['a name without a letter', { displayName: ' ' }, 'displayName: must be a name that can be read'],
  ])('refuses %s', (_, changes, fault) => {
    expect(faultsOf(changes)).toEqual([expect.stringContaining(fault)]);
  });

  it('takes an address on this machine without https', () => {
    for (const url of ['http://localhost:8091/veto', 'http://127.0.0.1/veto', 'http://[::1]:1/', 'https://product.example/veto'])
      expect(faultsOf({ veto: { url, whenSilent: 'refuse' } })).toEqual([]);
  });

  it('tells a wrong name of a plan also beside other faults of the offer', () => {
    const faults = faultsOf({ displayName: 5, noDowngrade: ['silver', 'golf'], plans: { silver: 'x', gold: { ...gold, extra: 1 } } });
    expect(faults).toHaveLength(4);
    expect(faults).toContainEqual(expect.stringContaining('golf'));
  });

  it('bounds how much it takes', () => {
    const plans = Object.fromEntries(Array.from({ length: 101 }, (_, each) => [`plan-${each}`, {}]));
    expect(faultsOf({ plans })).toEqual(['plans: must have at most 100 plans']);
  });
});

describe('the JSON Schema of a catalog', () => {
  const accepts = addFormats(new Ajv({ allErrors: true })).compile(catalogJsonSchema());

  it('takes what the schema takes, and refuses members that it does not know', () => {
    expect(accepts(catalogOf({})) || accepts.errors).toBe(true);
    expect(accepts(catalogOf({ veto: { url: 'https://product.example/veto', whenSilent: 'accept' } }))).toBe(true);
    for (const changes of [
      { colour: 'red' },
      { displayName: undefined },
      { plans: { gold: { seats: { least: 1 } } } },
      { plans: { gold: null } },
      { plans: { gold: { meters: { emails: {} } } } },
      { plans: { gold: { meters: { emails: { dimension: 'email', tiers: [{ dimension: 'a', upTo: 1 }, { dimension: 'b' }] } } } } },
    ])
      expect(accepts(JSON.parse(JSON.stringify(catalogOf(changes))))).toBe(false);
  });

  const reference = (file: string) => readFileSync(join(__dirname, '../../../../docs/reference', file), 'utf8');

  it('is the file that editors read', () => {
    expect(JSON.parse(reference('catalog.schema.json'))).toEqual(catalogJsonSchema());
  });

  it('has no member of which the reference says nothing', () => {
    const page = reference('catalog.md');
    const members = membersIn(catalogJsonSchema());
    expect(members).toContain('noDowngrade');
    expect(members.filter((name) => !page.includes(`\`${name}\``) && !page.includes(`.${name}\``) && !page.includes(`${name}:`))).toEqual(
      [],
    );
  });
});
