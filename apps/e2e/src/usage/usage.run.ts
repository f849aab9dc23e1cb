import { setTimeout as wait } from 'node:timers/promises';
import { encodeMessage, usage, usageRecorded } from '@landfall/contracts';
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';
import { eventually, patience } from '../eventually';
import type { Microsoft } from '../microsoft';
import type { BillingState } from './billing.state';
import { invoicedOf } from './invoiced';
import type { KillPoint, KillPoints } from './kill.points';
import { planLives, privatelyIncluded, privatePrice, type Life, type LifeAct, type LifeKind, type MeterName, type RunScale } from './lives';
import { owed, type TrueRate, type TrueRecord, type TrueState } from './oracle';
import { asText, type Difference, type RunReport } from './run.report';

const hourMs = 3_600_000;
/** Services read business time every two seconds. */
const clockFollowsMs = 2_500;
/** Whatever is not taken after so long has been refused, or a service was killed. */
const takenWithinMs = 10_000;

export interface UsageScale extends RunScale {
  /** The step in whose first hours Microsoft resets every connection about usage, without having done anything. */
  readonly awayIn: number;
  /** Steps in which the answers to some calls are lost after the work. */
  readonly lostIn: readonly number[];
  /** Where services are killed. */
  readonly kills: Readonly<Record<number, KillPoint>>;
  /** Steps that end before Microsoft has answered all: no two in a row, since what is not answered in 23 hours stays uncertain. */
  readonly unawaited: readonly number[];
  /** A step is done within so long, or something hangs. */
  readonly stepLimitMs: number;
}

export interface UsageRunOptions {
  readonly seed: number;
  readonly scale: UsageScale;
  readonly microsoft: Microsoft;
  readonly billing: BillingState;
  readonly killPoints: KillPoints;
  readonly login: Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'>;
  /** What the subscription service says; undefined or a rejection where it can't for a moment. */
  record(subscriptionId: string): Promise<Record<string, unknown> | undefined>;
  say(line: string): void;
}

interface Lived {
  readonly life: Life;
  readonly subscriptionId: string;
  readonly states: TrueState[];
}

/**
 * Days of subscriptions in business time, a step of hours at once: Microsoft and customers act, time passes, products send what was used in it, and billing does what can be done. In the
 * end each invoice is compared with what the customer owes.
 */
export class UsageRun {
  private readonly startedAt = performance.now();
  private readonly source: string;
  private readonly lives: readonly Life[];
  private lived: Lived[] = [];
  private beganAt = 0;
  private sent = 0;
  private readonly fired = new Map<string, number>();

  constructor(private readonly options: UsageRunOptions) {
    this.source = `usage-run-${options.seed}-${Date.now()}`;
    this.lives = planLives(options.seed, options.scale);
  }

  async run(): Promise<RunReport> {
    const { steps, stepLimitMs } = this.options.scale;
    await this.buyAll();
    const kills: string[] = [];
    for (let step = 0; step < steps; step += 1) kills.push(...(await this.step(step)));
    for (const rest of ['PT2H', 'PT6H']) {
      await this.options.microsoft.advance(rest);
      await this.untilDone(true, stepLimitMs);
    }
    return this.report(kills);
  }

  /** Those that renew in the run are bought a month before the others. The run begins a day before that, at half past an hour. */
  private async buyAll(): Promise<void> {
    const { microsoft } = this.options;
    const early = await Promise.all(this.lives.filter(({ isRenewed }) => isRenewed).map((life) => this.buy(life)));
    const term = (await microsoft.truth(early[0]!.subscriptionId))['term'] as { endDate: string };
    await microsoft.advanceTo(new Date(Date.parse(term.endDate) + 6.45 * hourMs)); // its last day
    const others = await Promise.all(this.lives.filter(({ isRenewed }) => !isRenewed).map((life) => this.buy(life)));
    this.lived = [...early, ...others];
    this.beganAt = Date.parse(term.endDate) + 6.5 * hourMs;
    await microsoft.advanceTo(new Date(Math.max(this.beganAt, (await microsoft.now()).getTime())));
    this.options.say(`${this.lived.length} subscriptions are active; the run begins at ${new Date(this.beganAt).toISOString()}.`);
  }

  private async buy(life: Life): Promise<Lived> {
    const { subscriptionId } = await this.options.microsoft.sell(life.order);
    await this.isRecorded(subscriptionId, 'Subscribed', String(life.order['planId']));
    return { life, subscriptionId, states: [{ from: 0, status: 'Subscribed', planId: String(life.order['planId']) }] };
  }

  private async step(step: number): Promise<string[]> {
    const { microsoft, scale, killPoints, say } = this.options;
    const { stepHours, refusing, awayIn, lostIn, kills, unawaited, stepLimitMs } = scale;
    await this.actAll(step);
    const end = new Date(this.beganAt + (step + 1) * stepHours * hourMs);
    const kill = kills[step];
    if (kill) killPoints.arm(kill);
    const isRefusing = step >= refusing.from && step <= refusing.to;
    const advance = async () => {
      await microsoft.advanceTo(end);
      await this.sendAll(step);
    };
    if (step === refusing.from) await microsoft.fault(refused);
    if (step === awayIn) {
      await this.under(away, () => microsoft.advanceTo(new Date(end.getTime() - hourMs)));
      await advance();
    } else if (lostIn.includes(step)) await this.under(lost, advance);
    else await advance();
    if (kill) await eventually(() => reached(killPoints, kill), stepLimitMs);
    await this.untilDone(!isRefusing && !unawaited.includes(step), stepLimitMs);
    if (step === refusing.to) await this.endFault(refused.name);
    say(`Step ${step + 1} of ${scale.steps} is done: ${end.toISOString()}, ${this.sent} records.`);
    return kill ? [kill] : [];
  }

  private async actAll(step: number): Promise<void> {
    const acting = this.lived.flatMap((lived) => lived.life.acts.filter((act) => act.step === step).map((act) => ({ lived, act })));
    await Promise.all(acting.map(({ lived, act }) => this.act(lived, act)));
  }

  private async act({ subscriptionId, states }: Lived, { act, planId }: LifeAct): Promise<void> {
    const { microsoft } = this.options;
    const before = states.at(-1)!;
    await microsoft.act(subscriptionId, act, planId ? { planId } : {});
    const status = act === 'suspend' ? 'Suspended' : act === 'unsubscribe' ? 'Unsubscribed' : 'Subscribed';
    await this.isRecorded(subscriptionId, status, planId ?? before.planId);
    states.push({ from: (await microsoft.now()).getTime(), status, planId: planId ?? before.planId });
  }

  private async isRecorded(subscriptionId: string, status: string, planId: string): Promise<void> {
    await eventually(async () => {
      const record = await this.options.record(subscriptionId);
      const isSo = record?.['status'] === status && record['planId'] === planId && (record['openOperations'] as unknown[]).length === 0;
      if (!isSo) throw new Error(`${subscriptionId} is not recorded as ${status} with ${planId}: ${JSON.stringify(record)}`);
    }, patience);
  }

  /**
   * Some copies of some records come twice. Services learn the new time within seconds, and refuse until then what seems to be used in the future: what is not taken is sent again, as a
   * product would.
   */
  private async sendAll(step: number): Promise<void> {
    await wait(clockFollowsMs);
    const messages = this.lived.flatMap(({ life, subscriptionId }) => {
      const due = life.records.filter(({ sentIn }) => sentIn === step);
      this.sent += due.length;
      return due.flatMap((record) => Array.from({ length: record.times }, () => this.message(subscriptionId, record)));
    });
    const producer = new Kafka({ ...this.options.login, clientId: 'mailer', logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    try {
      for (const end = Date.now() + this.options.scale.stepLimitMs; Date.now() < end;) {
        await producer.send({ topic: usage.name, messages });
        if (await this.options.billing.hasTaken(this.source, this.sent, takenWithinMs)) return;
      }
    } finally {
      await producer.disconnect();
    }
    throw new Error(`Billing has not taken all of ${this.sent} records`);
  }

  private message(key: string, { id, meter, quantity, at }: Life['records'][number]) {
    const recorded = usageRecorded({ meter, quantity }, { key });
    const time = new Date(this.beganAt + at * hourMs).toISOString();
    return { key, value: encodeMessage({ ...recorded, id, source: this.source, time, epoch: 0, correlationId: id }) };
  }

  private untilDone(isAnswered: boolean, limitMs: number): Promise<void> {
    const { billing, microsoft } = this.options;
    return billing.untilDone(this.source, this.sent, () => microsoft.now(), { isAnswered, limitMs });
  }

  /** Until it has happened at least once. */
  private async under(rule: typeof lost | typeof away, work: () => Promise<unknown>): Promise<void> {
    await this.options.microsoft.fault(rule);
    await work();
    await eventually(async () => {
      if ((await this.firedOf(rule.name)) === 0) throw new Error(`Nobody has met the fault yet: ${rule.name}`);
    }, patience);
    await this.endFault(rule.name);
  }

  private async firedOf(name: string): Promise<number> {
    return (await this.options.microsoft.faults()).find((rule) => rule.name === name)?.fired ?? 0;
  }

  private async endFault(name: string): Promise<void> {
    const rule = (await this.options.microsoft.faults()).find((one) => one.name === name)!;
    this.fired.set(name, (this.fired.get(name) ?? 0) + rule.fired);
    await this.options.microsoft.endFault(rule.id);
  }

  private async report(kills: string[]): Promise<RunReport> {
    const { seed, scale, microsoft } = this.options;
    const compared = await Promise.all(this.lived.map((lived) => this.compare(lived)));
    const breaches = (await microsoft.breaches()).filter(({ rule }) => !rule.startsWith('late-')); // how soon we answer is the machine's affair
    return {
      ...{ seed, subscriptions: this.lived.length, hours: scale.steps * scale.stepHours, records: this.sent, kills },
      events: compared.reduce((sum, { events }) => sum + events, 0),
      cents: String(compared.flatMap(({ cents }) => Object.values(cents)).reduce((sum, one) => sum + one, 0n)),
      faults: Object.fromEntries(this.fired),
      differences: compared.flatMap(({ difference }) => difference ?? []),
      breaches: breaches.map(({ rule, detail }) => `${rule}: ${detail}`),
      tookMs: Math.round(performance.now() - this.startedAt),
    };
  }

  private async compare({ life, subscriptionId, states }: Lived) {
    const { cents, events, terms } = invoicedOf(await this.options.microsoft.invoice(subscriptionId));
    const records = life.records.map((record): TrueRecord => ({ ...record, at: this.beganAt + record.at * hourMs }));
    const due = owed({ states, terms, records, rateOf: (planId, meter) => rateOf(life.kind, planId, meter) });
    const [ours, theirs] = [asText(due), asText(cents)];
    const difference: Difference = { kind: life.kind, subscriptionId, owed: ours, invoiced: theirs };
    return { cents, events, difference: JSON.stringify(ours) === JSON.stringify(theirs) ? null : difference };
  }
}

/** What the emulator sells. */
function rateOf(kind: LifeKind, planId: string, meter: MeterName): TrueRate {
  const isPrivate = kind === 'private' || kind === 'renewed-private';
  if (meter === 'emails' && isPrivate) return { price: privatePrice, included: privatelyIncluded };
  if (meter === 'texts' && kind === 'unlimited') return { price: '0.08', included: null };
  const included = (meter === 'emails' ? 1_000 : 10) * (planId === 'plus' ? 10 : 1) * (kind === 'yearly' ? 12 : 1);
  return { price: meter === 'emails' ? '0.01' : '0.08', included: String(included) };
}

function reached(points: KillPoints, point: KillPoint): void {
  if (!points.isReached) throw new Error(`Nobody has come to this point: ${point}`);
}

const onUsage = { on: { route: 'postBatchUsageEvent' } };
const away = { ...onUsage, name: 'away: every connection is reset', do: { effect: 'reset' } };
const lost = { ...onUsage, name: 'answers lost after the work', when: { count: 3 }, do: { effect: 'reset', afterWork: true } };
const refused = { ...onUsage, name: 'refused: 429', do: { effect: 'status', status: 429, retryAfter: 1 } };
