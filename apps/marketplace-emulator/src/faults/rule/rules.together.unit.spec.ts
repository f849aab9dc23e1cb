import { DocumentStore } from '../../state/document.store';
import { noJournal } from '../../state/journal';
import { Clock } from '../../time/clock';
import type { FaultContext } from '../fault.context';
import { FaultRepository } from './fault.repository';
import { faultSchema, type FaultRule } from './fault.rule';

const call = (changes: Partial<FaultContext> = {}): FaultContext => ({
  surface: 'fulfillment',
  route: 'getOperation',
  method: 'GET',
  subscriptions: [{ subscriptionId: 's', offerId: 'o', planId: 'p' }],
  action: 'ChangePlan',
  initiator: 'Azure',
  operationStatus: 'InProgress',
  operationKey: '1/1',
  ...changes,
});

let repository: FaultRepository;

beforeEach(() => {
  jest.useFakeTimers();
  repository = new FaultRepository(new DocumentStore(noJournal).collection<FaultRule>('fault'), new Clock(), (error) => {
    throw error;
  });
});

afterEach(() => jest.useRealTimers());

const add = (body: object) => repository.add(faultSchema.parse(body));
const effects = (context = call()) => repository.takeForCall(context, 'after-auth')?.effects.map(({ effect }) => effect);

it('adds what the rules after it do, where it lets them', () => {
  const [first, second] = [add({ also: true, do: { effect: 'delay', ms: 1 } }), add({ do: { effect: 'emptyBody' } })];
  add({ do: { effect: 'staleRead', age: 'PT1S' } });
  const fault = repository.takeForCall(call(), 'after-auth');
  expect([fault?.id, fault?.effect('delay'), fault?.effect('emptyBody'), fault?.effect('staleRead')]).toEqual([
    `${first.id},${second.id}`,
    { effect: 'delay', ms: 1 },
    { effect: 'emptyBody' },
    undefined,
  ]);
});

it('passes over a rule that does not go together with one that has fired: that is no match', () => {
  add({ also: true, do: { effect: 'emptyBody' } });
  const { id } = add({ do: { effect: 'status', status: 500 } });
  expect(effects()).toEqual(['emptyBody']);
  expect(repository.get(id)).toMatchObject({ matched: 0 });
});

it('draws once and for all for each operation, and for a good part of them', () => {
  add({ when: { probability: 0.3, per: 'operation', seed: 5 }, do: { effect: 'emptyBody' } });
  const hit = (key: string) => effects(call({ operationKey: key })) !== undefined;
  const keys = Array.from({ length: 1_000 }, (_, number) => `${number % 40}/${Math.floor(number / 40) + 1}`);
  const first = keys.map(hit);
  expect(keys.map(hit)).toEqual(first);
  expect(first.filter(Boolean).length).toBeGreaterThan(200);
  expect(first.filter(Boolean).length).toBeLessThan(400);
  expect(effects(call({ operationKey: null }))).toBeUndefined();
});

it('shows which of the rules for operations have hit one, and counts nothing for it', () => {
  const hidden = add({
    on: { route: 'getOperation', action: 'ChangePlan' },
    when: { per: 'operation' },
    do: { effect: 'forgetOperation', after: 'PT0S' },
  });
  add({ on: { action: 'Renew' }, when: { per: 'operation' }, do: { effect: 'endlessOperation' } });
  add({ do: { effect: 'emptyBody' } });
  expect(repository.thatHit(call()).map(({ id }) => id)).toEqual([hidden.id]);
  expect(repository.get(hidden.id)).toMatchObject({ matched: 0, fired: 0 });
});

it('is about calls whose operation has the status that it names, and about no other', () => {
  add({ on: { operationStatus: 'InProgress' }, do: { effect: 'emptyBody' } });
  expect([effects(), effects(call({ operationStatus: 'Succeeded' })), effects(call({ operationStatus: null }))]).toEqual([
    ['emptyBody'],
    undefined,
    undefined,
  ]);
});
