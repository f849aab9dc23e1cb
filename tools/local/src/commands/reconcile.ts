import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { landfallDir } from '../repository';
import { SetupError } from '../setup.error';
import { operatorsOf, operatorToken, type OperatorsIdentity } from '../system/operator-token';
import { readRun } from '../system/run-json';
import { argumentsOf, interrupted, print, runCommand } from './command';
import { driftLinesOf, isHandingOver, linesOf, mayHaveDrifts, progressLineOf, type Drift, type Sweep } from './reconcile.report';

const usage = `npm run reconcile                              compare the record with Microsoft's list now, and print what was found
npm run reconcile -- --registration <name>     the same for the list of another publisher`;

const answerLimitMs = 30_000;
const lookIntervalMs = 500;
/** So long the record is given to take over what the sweep has handed to it. */
const takeOverMs = 3_000;
/** When it is first told how far a sweep is, and how often then. */
const firstToldMs = 5_000;
const toldEachMs = 30_000;
/** So long the ends that a sweep found are waited for: each is read once more before it is told. */
const handOverMs = 30_000;
/** Microsoft may be away for as long: the sweep waits for it, and this command does not. */
const limitMs = 30 * 60_000;

/** `npm run reconcile`: begins a sweep in the running system, or joins the one that is under way, and waits for its end. */
void runCommand(async (stop) => {
  const given = argumentsOf(usage, {
    registration: { type: 'string', default: 'default' },
    reason: { type: 'string', default: 'npm run reconcile' },
  });
  if (!given) return 0;
  const { registration, reason } = given.values;
  const run = readRun(landfallDir);
  const fulfillment = run.services.find(({ name }) => name === 'fulfillment');
  if (!fulfillment) throw new SetupError('fulfillment does not run here: use its endpoint, POST /reconciliations.');
  const record = run.services.find(({ name }) => name === 'subscription');
  const operators = operatorsOf(run);
  const ask = (path: string, init: RequestInit = {}) => asked(`${fulfillment.managementUrl}/reconciliations${path}`, operators, init);
  const act = (await ask('', { method: 'POST', body: JSON.stringify({ registration, reason }) })) as {
    after: { reconciliation: string };
  };
  const endAt = Date.now() + limitMs;
  let toldAt = Date.now() + firstToldMs - toldEachMs;
  let told: Sweep | undefined;
  let endedAt: number | undefined;
  while (!stop.aborted) {
    const sweep = (await ask(`/${act.after.reconciliation}`)) as Sweep;
    if (sweep.state !== 'running') endedAt ??= Date.now();
    if (endedAt !== undefined && !(isHandingOver(sweep) && Date.now() < endedAt + handOverMs)) {
      for (const line of linesOf(sweep)) print(line);
      if (record && mayHaveDrifts(sweep)) {
        await wait(takeOverMs, undefined, { signal: stop }).catch(() => undefined);
        const drifts = await asked(`${record.managementUrl}/drifts?reconciliationId=${sweep.id}&limit=200`, operators, {});
        for (const line of driftLinesOf(drifts as { items: Drift[]; next: string | null })) print(line);
      }
      return sweep.state === 'complete' && sweep.asks.length === 0 ? 0 : 1;
    }
    if (sweep.state === 'running' && Date.now() >= toldAt + toldEachMs) {
      print(progressLineOf(sweep, told, await noticesOf(fulfillment.managementUrl)));
      [told, toldAt] = [sweep, Date.now()];
    }
    if (Date.now() > endAt)
      throw new SetupError(
        `The sweep ${sweep.id} has not ended within half an hour; it goes on by itself. Is Microsoft, or its emulator, there?`,
      );
    await wait(lookIntervalMs, undefined, { signal: stop }).catch(() => undefined);
  }
  return interrupted;
});

/** What the service's self-check has to say, such as that Microsoft does not let us in. */
async function noticesOf(managementUrl: string): Promise<string[]> {
  try {
    const answer = await fetch(`${managementUrl}/health/ready`, { signal: AbortSignal.timeout(answerLimitMs) });
    return Object.values(((await answer.json()) as { notices?: Record<string, string> }).notices ?? {});
  } catch {
    return []; // the next question to the service says what is wrong with it
  }
}

async function asked(url: string, operators: OperatorsIdentity, init: RequestInit): Promise<unknown> {
  const answer = await fetch(url, {
    ...init,
    headers: {
      authorization: `Bearer ${await operatorToken(operators)}`,
      ...(init.method === 'POST' && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
    },
    signal: AbortSignal.timeout(answerLimitMs),
  });
  if (!answer.ok) throw new SetupError(`${new URL(url).pathname} answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`);
  return answer.json();
}
