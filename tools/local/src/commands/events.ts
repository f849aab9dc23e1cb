import { randomUUID } from 'node:crypto';
import { subscriptionSnapshots } from '@landfall/contracts';
import { landfallDir } from '../repository';
import { SetupError } from '../setup.error';
import { operatorsOf, operatorToken } from '../system/operator-token';
import { kafkaClient, securityOf } from '../kafka/kafka.client';
import { readRun, type Run } from '../system/run-json';
import { argumentsOf, print, runCommand } from './command';
import { firstCopies, problemInWords } from './events.answers';

const usage = `npm run events -- republish --topic <name>            publish once more what the outbox still has of a topic
                  [--since <instant>]                 … only what was written since
                  [--until <instant>]                 … only what was written before
                  [--subscription <id>]               … only what has this key
npm run events -- rebuild snapshots                   say every state of the compacted topic again, from the table
With --reason <words> they are for the record of operators' acts. \`replay\` is another name of \`republish\`.`;

/** What can be rebuilt, and by which service. */
const rebuilt: Readonly<Record<string, { topic: string; service: string }>> = {
  snapshots: { topic: subscriptionSnapshots.name, service: 'subscription' },
};
const answerLimitMs = 60_000;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

interface Act {
  readonly after: { readonly messages: number; readonly next?: string | null };
}

/** `npm run events`: mends a topic that has lost messages, through the operators' endpoints of the services that write it. */
void runCommand(async (stop) => {
  const given = argumentsOf(usage, {
    topic: { type: 'string' },
    since: { type: 'string' },
    until: { type: 'string' },
    subscription: { type: 'string' },
    reason: { type: 'string', default: 'npm run events' },
  });
  if (!given) return 0;
  const { values, positionals } = given;
  const [what, name = ''] = positionals;
  for (const option of ['since', 'until'] as const) {
    const value = values[option];
    if (value && !instant.test(value))
      throw new SetupError(`--${option} takes an instant such as 2026-11-01T00:00:00Z, and "${value}" is none.`);
  }
  const run = readRun(landfallDir);
  const { topic, reason, since, until, subscription } = values;
  if ((what === 'republish' || what === 'replay') && topic)
    return republish(run, topic, { reason, since, until, key: subscription?.toLowerCase() });
  if (what === 'rebuild' && rebuilt[name]) return rebuild(run, rebuilt[name], values.reason, stop);
  throw new SetupError(`Say what is to be done:\n${usage}`);
});

/** Several services may write one topic, such as commands: each publishes what it wrote. */
async function republish(run: Run, topic: string, choice: object): Promise<number> {
  const isThere = await exists(run.kafkaBrokers, topic);
  let writers = 0;
  for (const service of firstCopies(run.services)) {
    const act = await ask(run, service.name, `${topic}/republish`, choice);
    if (!act) continue;
    writers++;
    const messages = act.after.messages === 1 ? '1 message is' : `${act.after.messages} messages are`;
    print(`${service.name}: ${messages} ${isThere ? 'published once more' : 'waiting to be published once more'}.`);
  }
  if (writers === 0) throw new SetupError(`No service has published anything to ${topic}. Is its name right?`);
  if (!isThere)
    print(`${topic} does not exist, so nothing is published before it is made: stop Landfall and start it again, which makes it.`);
  return 0;
}

async function exists(brokers: string, topic: string): Promise<boolean> {
  const admin = kafkaClient(brokers, undefined, securityOf(process.env)).admin();
  try {
    await admin.connect();
    return (await admin.listTopics()).includes(topic);
  } finally {
    await admin.disconnect();
  }
}

async function rebuild(
  run: Run,
  { topic, service }: { topic: string; service: string },
  reason: string,
  stop: AbortSignal,
): Promise<number> {
  let said = 0;
  let after: string | undefined;
  do {
    const act = await ask(run, service, `${topic}/rebuild`, { reason, after });
    if (!act) throw new SetupError(`${service} can't rebuild ${topic}.`);
    said += act.after.messages;
    after = act.after.next ?? undefined;
  } while (after !== undefined && !stop.aborted);
  print(
    `${service}: ${said === 1 ? '1 state was' : `${said} states were`} published again.${after === undefined ? '' : ` It stopped behind ${after}: begin again.`}`,
  );
  return after === undefined ? 0 : 1;
}

/** Undefined where the service knows nothing of the topic. */
async function ask(run: Run, name: string, path: string, body: object): Promise<Act | undefined> {
  const service = run.services.find((one) => one.name === name);
  if (!service) throw new SetupError(`${name} does not run here: use its endpoint, POST /topics/${path}.`);
  const answer = await fetch(`${service.managementUrl}/topics/${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await operatorToken(operatorsOf(run))}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerLimitMs),
  });
  if (answer.status === 404) return undefined;
  if (!answer.ok) throw new SetupError(`${name} answered ${answer.status}: ${problemInWords(await answer.text())}`);
  return (await answer.json()) as Act;
}
