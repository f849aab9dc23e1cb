import { limits } from '../limits';
import { BreachRepository } from './breach.repository';
import type { RuleText } from './rule';

const rule: RuleText = {
  id: 'a-rule',
  section: '1.1',
  severity: 'breach',
  title: 'Title',
  asks: 'Asks.',
  leadsTo: 'It leads there.',
  instead: 'Do this.',
};

let repository: BreachRepository;

beforeEach(() => {
  repository = new BreachRepository();
});

const all = () => repository.newest(limits.keptBreaches, () => true);

it('describes what was done, what it leads to and what to do instead', () => {
  repository.record(rule, { subject: 's', done: 'It was done.', subscriptionId: 'id' }, 0);
  expect(all()).toEqual([
    {
      at: '1970-01-01T00:00:00.0000000Z',
      lastAt: '1970-01-01T00:00:00.0000000Z',
      times: 1,
      rule: 'a-rule',
      section: '1.1',
      severity: 'breach',
      title: 'Title',
      detail: 'It was done. It leads there. Do this.',
      subscriptionId: 'id',
      operationId: null,
      requestId: null,
      deliveryId: null,
    },
  ]);
});

it('counts the same on the same subject, and lists it once, as the newest', () => {
  repository.record(rule, { subject: 'one', done: '1' }, 1_000);
  repository.record(rule, { subject: 'two', done: '2' }, 2_000);
  repository.record(rule, { subject: 'one', done: '3' }, 3_000);
  expect(all()).toMatchObject([
    { detail: expect.stringMatching(/^2/), times: 1 },
    { detail: expect.stringMatching(/^3/), times: 2, at: expect.stringContaining('00:01'), lastAt: expect.stringContaining('00:03') },
  ]);
  expect(repository.counts()).toEqual({ breach: 3, advice: 0, byRule: { 'a-rule': 3 } });
});

it('keeps breach and advice apart, and takes both back', () => {
  repository.record(rule, { subject: 's', done: '' }, 0);
  repository.record(rule, { subject: 's', done: '', severity: 'advice' }, 0);
  expect([all().length, repository.counts()]).toEqual([2, { breach: 1, advice: 1, byRule: { 'a-rule': 2 } }]);
  repository.takeBack(rule, 's');
  expect([all(), repository.counts()]).toEqual([[], { breach: 0, advice: 0, byRule: {} }]);
});

it('lets the oldest fall off, and still counts them', () => {
  for (let subject = 0; subject < limits.keptBreaches + 5; subject++)
    repository.record(rule, { subject: String(subject), done: String(subject) }, 0);
  expect(all()).toHaveLength(limits.keptBreaches);
  expect(all()[0]).toMatchObject({ detail: expect.stringMatching(/^5 /) });
  expect(repository.counts().breach).toBe(limits.keptBreaches + 5);
});
