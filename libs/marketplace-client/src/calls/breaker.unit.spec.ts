import { BREAKER_MIN_CALLS, BREAKER_REST_MS, BREAKER_SAMPLE_MS } from '../marketplace.limits';
import { Breaker, type Shown } from './breaker';

it('is not opened again by calls that left before it opened, and fail when it has closed again', () => {
  let nowMs = 0;
  const changes: boolean[] = [];
  const breaker = new Breaker(
    () => nowMs,
    (isOpen) => changes.push(isOpen),
  );
  const early = Array.from({ length: 3 * BREAKER_MIN_CALLS }, () => breaker.enter()!);
  for (const permit of early.splice(0, BREAKER_MIN_CALLS)) permit.ended('outage');
  expect(breaker.state).toBe('open');
  nowMs += BREAKER_REST_MS;
  breaker.enter()!.ended('answer');
  for (const permit of early) permit.ended('outage');
  expect([breaker.state, changes]).toEqual(['closed', [true, false]]);
});

/** Of a breaker whose calls have ended so, one each millisecond. */
function stateAfter(...shown: readonly (Shown | { afterMs: number })[]) {
  let nowMs = 0;
  const breaker = new Breaker(() => nowMs);
  for (const one of shown) {
    nowMs += typeof one === 'string' ? 1 : one.afterMs;
    if (typeof one === 'string') breaker.enter()?.ended(one);
  }
  return breaker.state;
}
const outages = (count: number) => Array.from({ length: count }, (): Shown => 'outage');

it('is never opened by an answer: it shows that the outage is over', () => {
  expect(stateAfter(...outages(BREAKER_MIN_CALLS - 1), 'answer')).toBe('closed');
  expect(stateAfter(...outages(BREAKER_MIN_CALLS - 1), 'answer', 'outage')).toBe('open');
});

it('is closed where nobody has asked for as long as a sample counts, and tells it when it opens anew', () => {
  expect(stateAfter(...outages(BREAKER_MIN_CALLS), { afterMs: BREAKER_SAMPLE_MS - 1 })).toBe('half-open');
  expect(stateAfter(...outages(BREAKER_MIN_CALLS), { afterMs: BREAKER_SAMPLE_MS })).toBe('closed');
  expect(stateAfter(...outages(BREAKER_MIN_CALLS), { afterMs: BREAKER_REST_MS }, 'outage', { afterMs: BREAKER_SAMPLE_MS - 1 })).toBe(
    'half-open',
  );
  let nowMs = 0;
  const changes: boolean[] = [];
  const breaker = new Breaker(
    () => nowMs,
    (isOpen) => changes.push(isOpen),
  );
  for (let outage = 1; outage <= 2; outage += 1, nowMs += BREAKER_SAMPLE_MS)
    for (let call = 0; call < BREAKER_MIN_CALLS; call += 1) breaker.enter()!.ended('outage');
  expect(changes).toEqual([true, true]);
});

it('is not opened by what was longer ago than its sample', () => {
  expect(stateAfter(...outages(BREAKER_MIN_CALLS - 1), { afterMs: BREAKER_SAMPLE_MS - BREAKER_MIN_CALLS }, 'outage')).toBe('open');
  expect(stateAfter(...outages(BREAKER_MIN_CALLS - 1), { afterMs: BREAKER_SAMPLE_MS }, 'outage')).toBe('closed');
});
