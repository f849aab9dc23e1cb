import { landfallDir } from '../repository';
import { SetupError } from '../setup.error';
import { operatorsOf, operatorToken } from '../system/operator-token';
import { readRun } from '../system/run-json';
import { argumentsOf, interrupted, print, runCommand } from './command';
import { linesOf, resultOf, type Audited } from './usage-audit.report';

const usage = `npm run usage-audit                            print what became of all recorded usage, and where the sums do not agree
npm run usage-audit -- --subscription <id>     the same for one subscription
npm run usage-audit -- --differences           only the subscriptions whose sums do not agree

It ends with 1 where a sum does not agree.`;

/** Billing answers a page within 31 seconds. */
const answerLimitMs = 40_000;
/** Subscriptions that are asked for at once. */
const page = 20;

/** `npm run usage-audit`: compares the sums of the usage ledger in the running system now. */
void runCommand(async (stop) => {
  const given = argumentsOf(usage, { subscription: { type: 'string' }, differences: { type: 'boolean', default: false } });
  if (!given) return 0;
  const run = readRun(landfallDir);
  const billing = run.services.find(({ name }) => name === 'billing');
  if (!billing) throw new SetupError('billing does not run here: use its endpoint, GET /usage/sums.');
  const operators = operatorsOf(run);
  let [after, subscriptions, differences] = [null as string | null, 0, 0];
  do {
    const asked = {
      limit: String(page),
      ...(given.values.subscription && { subscriptionId: given.values.subscription }),
      ...(after && { after }),
    };
    const answer = await fetch(`${billing.managementUrl}/usage/sums?${new URLSearchParams(asked).toString()}`, {
      headers: { authorization: `Bearer ${await operatorToken(operators)}` },
      signal: AbortSignal.any([stop, AbortSignal.timeout(answerLimitMs)]),
    });
    if (!answer.ok) throw new SetupError(`/usage/sums answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
    const { items, next } = (await answer.json()) as { items: Audited[]; next: string | null };
    for (const one of items) {
      const isShown = one.differences.length > 0 || (!given.values.differences && (one.sums.length > 0 || given.values.subscription));
      if (isShown) for (const line of linesOf(one)) print(line);
      differences += one.differences.length;
    }
    subscriptions += items.length;
    after = next;
  } while (after !== null && !stop.aborted);
  if (stop.aborted) return interrupted;
  print(resultOf(subscriptions, differences));
  return differences === 0 ? 0 : 1;
});
