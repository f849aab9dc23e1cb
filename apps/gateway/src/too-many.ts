import { HttpException, HttpStatus } from '@nestjs/common';
import { register } from '@landfall/service-defaults';
import { Counter } from 'prom-client';

const NAME = 'gateway_requests_over_budget_total';

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
    counter().inc({ budget });
  }
}

function inWords(ms: number): string {
  const minutes = Math.ceil(ms / 60_000);
  return minutes <= 1 ? 'in a minute' : `in ${minutes} minutes`;
}

function counter(): Counter<'budget'> {
  const help = 'Requests that were answered 429, by the budget that was used up';
  return (register.getSingleMetric(NAME) as Counter<'budget'> | undefined) ?? new Counter({ name: NAME, help, labelNames: ['budget'] });
}
