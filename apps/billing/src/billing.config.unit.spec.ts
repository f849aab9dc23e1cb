import { config } from './billing.config';

const needed = { DATABASE_URL: 'postgres://landfall_billing:hush@localhost:5432/landfall', KAFKA_BROKERS: '127.0.0.1:9092' };

function problemOf(environment: Record<string, string>): string {
  try {
    config.read({ ...needed, ...environment });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

it('starts with what is set by itself, and with the widest that is allowed', () => {
  expect(problemOf({})).toBe('');
  expect(problemOf({ USAGE_DEADLINE: 'PT4H1M' })).toBe('');
  expect(problemOf({ USAGE_DEADLINE: 'PT24H', USAGE_GRACE: 'PT22H', USAGE_ALLOWED_LATENESS: 'P30D', USAGE_HELD_LIMIT: 'P30D' })).toBe('');
});

it.each([
  [{ USAGE_DEADLINE: 'P2D' }, 'USAGE_DEADLINE: it must be at most PT24H'],
  [{ USAGE_GRACE: 'PT22H' }, 'USAGE_GRACE: with the hour itself it must be shorter than USAGE_DEADLINE'],
  [{ USAGE_DEADLINE: 'PT4H' }, 'USAGE_DEADLINE: it must be longer than PT4H'],
  [{ USAGE_DEADLINE: 'PT1H' }, 'USAGE_GRACE: with the hour itself it must be shorter than USAGE_DEADLINE'],
  [{ USAGE_ALLOWED_LATENESS: 'P31D' }, 'USAGE_ALLOWED_LATENESS: it must be at most P30D'],
  [{ USAGE_HELD_LIMIT: 'P31D' }, 'USAGE_HELD_LIMIT: it must be at most P30D'],
  [{ USAGE_LEDGER_RETENTION: 'P89D' }, 'USAGE_LEDGER_RETENTION: it must be at least P90D'],
  [{ USAGE_COUNT_INTERVAL: 'PT0S' }, 'USAGE_COUNT_INTERVAL: it must be longer than PT0S'],
  [{ USAGE_COMPARISON_INTERVAL: 'PT0S' }, 'USAGE_COMPARISON_INTERVAL: it must be longer than PT0S'],
  [{ BILLING_MODE: 'contoso=live' }, 'BILLING_MODE: it must be live or shadow'],
])('does not start with %j, and says why', (environment, problem) => expect(problemOf(environment)).toContain(problem));
