import { DocumentStore } from '../../state/document.store';
import { noJournal } from '../../state/journal';
import { UsageRepository } from './usage.repository';

const dayMs = 86_400_000;
const dimension = { id: 'emails', currency: 'USD', pricePerUnit: 0.01, unitOfMeasure: 'e-mail', displayName: 'E-mails' };

let repository: UsageRepository;
let atMs: number;

beforeEach(() => {
  atMs = Date.parse('2024-03-15T00:00:00Z');
});

function repositoryWithSpaceFor(bounds: { events: number; days: number }): UsageRepository {
  const store = new DocumentStore(noJournal);
  return new UsageRepository({ events: store.collection('e'), days: store.collection('d'), horizon: store.collection('h') }, bounds);
}

function add(quantity = 1, dimensionId = 'emails'): void {
  const usage = {
    subscriptionId: 's',
    dimension: dimensionId,
    planId: 'base',
    quantity,
    effectiveStartTime: '',
    effectiveAtMs: atMs,
    messageTime: '',
  };
  repository.add(usage, dimension, atMs);
}

const events = () => repository.newest(1_000, () => true);
const days = () => repository.days(() => true);

it('lets the oldest events fall off when there are too many, and keeps what they add up to', () => {
  repository = repositoryWithSpaceFor({ events: 300, days: 300 });
  for (let hour = 0; hour < 400; hour++) {
    expect(repository.makeSpace(atMs)).toBe(true);
    add(0.1, `dimension-${hour % 2}`);
    if (hour % 2) atMs += 30 * 60_000;
  }
  expect(events().length).toBeGreaterThan(290);
  expect(events().length).toBeLessThanOrEqual(300);
  expect(days().reduce((total, { count }) => total + count, 0)).toBe(400);
});

it('deletes nothing that guards against a duplicate: rather it is full', () => {
  repository = repositoryWithSpaceFor({ events: 30, days: 300 });
  for (let count = 0; count < 30; count++) add(1, `dimension-${count}`);
  expect(repository.makeSpace(atMs)).toBe(false);
  expect(repository.makeSpace(atMs + dayMs)).toBe(false);
  expect(events()).toHaveLength(30);
  expect(repository.makeSpace(atMs + 2 * dayMs)).toBe(true);
});

it('deletes no totals to which something could still be added: rather it is full', () => {
  repository = repositoryWithSpaceFor({ events: 300, days: 30 });
  for (let count = 0; count < 30; count++) add(1, `dimension-${count}`);
  expect(repository.makeSpace(atMs + 2 * dayMs)).toBe(false);
  expect(days()).toHaveLength(30);
  expect(repository.makeSpace(atMs + 3 * dayMs)).toBe(true);
});

it('lets the oldest totals fall off, and shows up to which day', () => {
  repository = repositoryWithSpaceFor({ events: 300, days: 10 });
  for (let day = 0; day < 10; day++, atMs += dayMs) add();
  expect(repository.missingUpTo).toBeUndefined();
  expect(repository.makeSpace(atMs)).toBe(true);
  expect(repository.missingUpTo).toBe('2024-03-15');
  expect(days().map(({ usageDate }) => usageDate)[0]).toBe('2024-03-16');
});

it('adds up a day without drift, and cuts each event off after its cents', () => {
  repository = repositoryWithSpaceFor({ events: 300, days: 10 });
  for (let hour = 0; hour < 10; hour++, atMs += 3_600_000) add(hour === 0 ? 150.7 : 0.7);
  expect(days()).toMatchObject([{ usageDate: '2024-03-15', quantity: '157', count: 10, amount: '1.5', exactAmount: '1.57' }]);
});
