import { HttpException, HttpStatus } from '@nestjs/common';
import { counter } from '@landfall/service-defaults';

const overBudget = counter('gateway_requests_over_budget_total', 'Requests that were answered 429, by the budget that was used up', {
  budget: ['person', 'address'],
});

/** Somebody asks more than their share: a signed-in person, or all of one address. The answer is a page that says when to come again. */
export class TooMany extends HttpException {
  readonly code = 'TOO_MANY';
  readonly retriable = false;
  readonly reason: string;

  constructor(
    budget: 'person' | 'address',
    readonly retryAfterMs: number,
  ) {
    super('too many requests', HttpStatus.TOO_MANY_REQUESTS);
    const who = budget === 'person' ? 'With your account' : 'From your network';
    this.reason = `${who} more was opened in a short time than we can look up. Please try again ${inWords(retryAfterMs)}.`;
    overBudget.inc({ budget });
  }
}

function inWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes <= 1 ? 'in a minute' : `in ${minutes} minutes`;
}
