import { BREAKER_MIN_CALLS, BREAKER_REST_MS } from '../marketplace.limits';
import { Breaker } from './breaker';

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
