import type { Stage } from '@landfall/contracts';
import type { ChangeRequest } from '@landfall/subscription/decisions';
import { chanceOf } from './chance';
import { Services, type PublicEvent, type Verdict } from './landfall/services';
import type { Decided } from './landfall/subscription';
import { sweepEveryMs } from './landfall/sweep';
import { drawnFate } from './microsoft/fate';
import type { Members, ModelMember } from './microsoft/members';
import { atPurchase, atStart, members, membersOf } from './microsoft/members';
import { Microsoft, type Change } from './microsoft/microsoft';
import { MicrosoftApi, type Call } from './microsoft/microsoft.api';
import type { Operation } from './microsoft/operation';
import { laggingCopies, type ReadCopies } from './microsoft/read-copies';
import { Webhooks } from './microsoft/webhooks';
import { isAsking, isDecision, isVisit, type Act, type ActAtMicrosoft } from './scenario/act';
import { catalogs } from './scenario/rules';
import type { Scenario } from './scenario/scenario';
import { Scheduler } from './scheduler';
import { hour, minute, second } from './time';
import { keptTrace, noTrace } from './trace';

/** `COPY_LAG`, as it is set by default. */
const defaultCopyLagMs = 150 * second;

export interface RunOptions {
  readonly copyLagMs?: number;
  readonly keepsTrace?: boolean;
  /** Whether the subscription is read every 15 minutes. */
  readonly sweeps?: boolean;
  /** The copies that answer, where that is not left to chance. */
  readonly subscriptionCopies?: ReadCopies;
  readonly operationCopies?: ReadCopies;
  /** What a read of the subscription leaves out, where that is not left to chance. */
  readonly leavesOut?: (nowMs: number) => readonly ModelMember[];
  /** How long the run goes on after its last act, so that it comes to rest. */
  readonly restMs?: number;
}

/** Something that our side still waits for. */
export interface Wait {
  readonly what: string;
  readonly sinceMs: number;
}

/** How a purchase went. */
export interface SetUp {
  /** Null: there is no record. */
  readonly stage: Stage | null;
  readonly failureReason: string | null;
  readonly confirmedMs: readonly number[];
  /** What operators decided. */
  readonly decided: readonly Decided[];
  /** When the product had made a tenant; null: it never did. */
  readonly tenantMadeMs: number | null;
  /** Whether the product has a tenant when the run ends. */
  readonly hasTenant: boolean;
}

/** What a run was like: everything that is judged. */
export interface Run {
  readonly scenario: Scenario;
  readonly endMs: number;
  /** Microsoft's side. */
  readonly history: readonly Change[];
  readonly operations: readonly Operation[];
  /** Our side. */
  readonly events: readonly PublicEvent[];
  readonly record: Readonly<Record<ModelMember, Members[ModelMember] | null>>;
  /** What is not at its end. */
  readonly waits: readonly Wait[];
  readonly alarms: readonly string[];
  readonly setUp: SetUp;
  /** What we decided about operations. */
  readonly verdicts: readonly Verdict[];
  /** What we asked of Microsoft. */
  readonly requests: readonly ChangeRequest[];
  /** Calls that change something, and those with the token of another publisher. */
  readonly calls: readonly Call[];
  /** Since when it is on record whose the subscription is; null: it is not. */
  readonly boundSinceMs: number | null;
  readonly reads: { readonly subscription: number; readonly operation: number };
  readonly trace: readonly string[];
}

/** The latest webhook is delivered more than eight hours after its operation began, and doubled an hour later. */
const restWithDelaysMs = 9.5 * hour;
const restMs = 2 * hour;

/** Makes a run from its scenario. The same scenario gives the same run. */
export function simulate(scenario: Scenario, options: RunOptions = {}): Run {
  const { seed, acts, faults, begins, rules } = scenario;
  const { copyLagMs = defaultCopyLagMs, keepsTrace = false, sweeps = true } = options;
  const scheduler = new Scheduler();
  const chance = chanceOf(seed);
  const trace = keepsTrace ? keptTrace(() => scheduler.nowMs) : noTrace;
  const lastActMs = acts.at(-1)?.atMs ?? 0;
  const endMs = Math.max(lastActMs, hour) + (options.restMs ?? (faults.webhooksDelayed ? restWithDelaysMs : restMs));

  const microsoft: Microsoft = new Microsoft({
    ...{ scheduler, trace, begins: begins === 'sold' ? atPurchase : atStart, send: (operation) => webhooks.send(operation) },
    fateOf: (act, action) => ({ ...drawnFate(action, act.number, faults, chance), ...act.fate }),
  });
  const webhooks = new Webhooks({ microsoft, scheduler, chance, faults, trace, receive: (...delivery) => services.receive(...delivery) });
  const api = new MicrosoftApi({
    ...{ microsoft, scheduler, chance, faults, trace, leavesOut: options.leavesOut },
    subscriptionCopies: options.subscriptionCopies ?? laggingCopies('subscription', faults.subscriptionLagMs, endMs, chance),
    operationCopies: options.operationCopies ?? laggingCopies('operation', faults.operationLagMs, endMs, chance),
  });
  const services: Services = new Services({ scheduler, chance, faults, api, trace, copyLagMs, begins, catalog: catalogs[rules] });

  const perform = (act: Act) => {
    if (isVisit(act)) services.customer.perform(act);
    else if (isAsking(act)) services.subscription.ask(act);
    else if (isDecision(act)) services.subscription.decide(act);
    else microsoft.perform(act as ActAtMicrosoft);
  };
  for (const act of acts) scheduler.at(act.atMs, () => perform(act));
  if (sweeps) services.sweep(sweepEveryMs * (1 + chance('sweep')), endMs - 10 * minute);
  scheduler.runUntil(endMs);

  return {
    ...{ scenario, endMs, history: microsoft.history, operations: microsoft.operations, events: services.events },
    ...{ record: recordOf(services), waits: waitsOf(services), alarms: services.subscription.alarms },
    ...{
      setUp: setUpOf(services),
      verdicts: services.verdicts,
      requests: [...services.subscription.requests.values()],
      calls: api.calls,
      boundSinceMs: services.fulfillment.registrations.boundSinceMs,
    },
    ...{ reads: api.reads, trace: trace.lines },
  };
}

function recordOf({ subscription: { record } }: Services): Run['record'] {
  return record ? membersOf(record) : (Object.fromEntries(members.map((member) => [member, null])) as Run['record']);
}

function setUpOf({ subscription: { record, decided }, customer, product }: Services): SetUp {
  const { confirmedMs } = customer;
  const { madeMs: tenantMadeMs, hasTenant } = product;
  return { stage: record?.stage ?? null, failureReason: record?.failureReason ?? null, confirmedMs, decided, tenantMadeMs, hasTenant };
}

function waitsOf({ fulfillment, subscription, provisioning, customer }: Services): Wait[] {
  const stored = [...fulfillment.jobs.stored, ...subscription.jobs.stored, ...(provisioning?.jobs.stored ?? [])];
  const purchases = [...customer.unanswered.values()].map((sinceMs) => ({ what: 'what was bought', sinceMs }));
  const jobs = stored.map(({ kind, key, storedMs }) => ({ what: `${kind} ${key}`, sinceMs: storedMs }));
  const operations = fulfillment.operations.unended.map(({ operation: { operationId, action }, firstLookMs }) => ({
    what: `the end of ${action} ${operationId}`,
    sinceMs: firstLookMs,
  }));
  return [...jobs, ...operations, ...purchases, ...subscription.waits];
}
