import { stableId, type Stage } from '@landfall/contracts';
import type { ChangeRequest } from '@landfall/subscription/decisions';
import { chanceOf, type Chance } from './chance';
import type { PublicEvent, Services, Verdict } from './landfall/services';
import type { Decided } from './landfall/subscription';
import { beginLife, type Life } from './life';
import type { Members, ModelMember } from './microsoft/members';
import { members, membersOf, subscriptionId } from './microsoft/members';
import type { Change } from './microsoft/microsoft';
import type { Call } from './microsoft/microsoft.api';
import type { Operation } from './microsoft/operation';
import { laggingCopies, type ReadCopies } from './microsoft/read-copies';
import { SubscriptionList } from './microsoft/subscription.list';
import { isHit, type TroubleKind } from './microsoft/trouble';
import { Operator } from './reconciliation/operator';
import { Reconciliation, type ReconciliationOptions } from './reconciliation/reconciliation';
import type { Sweep } from './reconciliation/sweeps';
import { wholeAnswers, type Scenario } from './scenario/scenario';
import { Scheduler } from './scheduler';
import { hour, minute, second } from './time';
import { about, keptTrace, noTrace } from './trace';

/** `COPY_LAG`, as it is set by default. */
const defaultCopyLagMs = 150 * second;

export interface RunOptions {
  readonly copyLagMs?: number;
  readonly keepsTrace?: boolean;
  /** Whether Microsoft's list is compared with the record every 15 minutes. */
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

/** What a run was like for one subscription: everything that is judged of it. */
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
}

/** The same, with what is around it. */
export interface WholeRun extends Run {
  /** The other subscriptions of the publisher. */
  readonly siblings: readonly Run[];
  /** How sweeps name the subscriptions: the one that the run is about, and then its siblings. */
  readonly ids: readonly string[];
  readonly sweeps: readonly Sweep[];
  /** Those of which an operator has said that they have not ended, and that have not been listed as alive since. */
  readonly dismissed: readonly string[];
  /** Steps of sweeps that are still to be done. */
  readonly sweepJobs: readonly Wait[];
  readonly trace: readonly string[];
}

/** The latest webhook is delivered more than eight hours after its operation began, and doubled an hour later. */
const restWithDelaysMs = 9.5 * hour;
const restMs = 2 * hour;

/** Makes a run from its scenario. The same scenario gives the same run. */
export function simulate(scenario: Scenario, options: RunOptions = {}): WholeRun {
  const { seed, acts, faults, publisher } = scenario;
  const { copyLagMs = defaultCopyLagMs, keepsTrace = false, sweeps = true } = options;
  const scheduler = new Scheduler();
  const chance = chanceOf(seed);
  const trace = keepsTrace ? keptTrace(() => scheduler.nowMs) : noTrace;
  const lastActMs = acts.at(-1)?.atMs ?? 0;
  const endMs = Math.max(lastActMs, hour) + (options.restMs ?? (faults.webhooksDelayed ? restWithDelaysMs : restMs));
  const given = { scheduler, endMs, copyLagMs };
  const mistakes = (number: number) => (nowMs: number) => mistakeOf(isHit(publisher.trouble, number, nowMs, chance)?.kind);

  const main = beginLife({ ...given, ...options, number: 0, id: idOf(0), scenario, chance, trace, mistakes: mistakes(0) });
  const siblings = publisher.siblings.map(({ number, begins, acts: itsActs }) => {
    const its: Scenario = {
      ...scenario,
      acts: itsActs,
      begins,
      faults: begins === 'unknown' ? wholeAnswers(faults) : faults,
      rules: 'none',
    };
    const itsChance: Chance = (...key) => chance('sibling', number, ...key);
    return beginLife({
      ...given,
      number,
      id: idOf(number),
      scenario: its,
      chance: itsChance,
      trace: about(trace, number),
      mistakes: mistakes(number),
    });
  });
  const lives = new Map([main, ...siblings].map((life) => [life.id, life]));
  const reconciliation = sweeps
    ? reconciling({ scenario, scheduler, chance, trace, lives, endMs, quietFromMs: Math.max(lastActMs, hour) + 80 * minute })
    : null;
  scheduler.runUntil(endMs);

  return {
    ...runOf(main, endMs),
    siblings: siblings.map((life) => runOf(life, endMs)),
    ids: [...lives.keys()],
    dismissed: reconciliation ? [...lives.keys()].filter((id) => reconciliation.observations.knownOf(id).isDismissed) : [],
    sweeps: reconciliation?.sweeps.all ?? [],
    sweepJobs: reconciliation?.jobs.stored.map(({ kind, storedMs }) => ({ what: kind, sinceMs: storedMs })) ?? [],
    trace: trace.lines,
  };
}

const ids = Array.from({ length: 100 }, (_, number) => (number === 0 ? subscriptionId : stableId('subscription', number)));
const idOf = (number: number): string => ids[number] ?? stableId('subscription', number);

const mistakeOf = (kind: TroubleKind | undefined) => (kind === 'wiped' ? 'gone' : kind === 'shown as ended' ? 'ended' : null);

interface Reconciling extends Pick<ReconciliationOptions, 'scheduler' | 'chance' | 'trace' | 'lives'> {
  readonly scenario: Scenario;
  readonly endMs: number;
  readonly quietFromMs: number;
}

/** Sweeps until shortly before the end. At last an operator wants two: the first reads everything, as if a day had passed. */
function reconciling({
  scenario: { faults, publisher },
  scheduler,
  chance,
  trace,
  lives,
  endMs,
  quietFromMs,
}: Reconciling): Reconciliation {
  const list = new SubscriptionList({
    ...{ scheduler, chance, faults, trouble: publisher.trouble, subscriptions: [...lives.values()].map(({ microsoft }) => microsoft) },
    ...{ copies: laggingCopies('list', faults.subscriptionLagMs, endMs, chance), pageSize: pageSizeOf(lives.size, chance) },
  });
  const operator = new Operator({ scheduler, chance, lives, reconciliation: () => reconciliation });
  const reconciliation: Reconciliation = new Reconciliation({
    ...{ scheduler, chance, faults, lives, list, trace, mayImport: publisher.mayImport, quietFromMs, ask: () => operator.ask() },
  });
  reconciliation.run(endMs - 40 * minute);
  scheduler.at(endMs - 35 * minute, () => {
    reconciliation.sweeps.forgetWhole();
    reconciliation.begin('operator');
  });
  scheduler.at(endMs - 15 * minute, () => reconciliation.begin('operator'));
  return reconciliation;
}

/** Some pages, and not too many. */
const pageSizeOf = (count: number, chance: Chance): number => Math.max(1 + Math.floor(4 * chance('page size')), Math.ceil(count / 8));

function runOf({ scenario, microsoft, api, services }: Life, endMs: number): Run {
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
    reads: api.reads,
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
