import type { Chance } from './chance';
import { Services } from './landfall/services';
import { drawnFate } from './microsoft/fate';
import type { ModelMember } from './microsoft/members';
import { atPurchase, atStart } from './microsoft/members';
import { Microsoft } from './microsoft/microsoft';
import { MicrosoftApi } from './microsoft/microsoft.api';
import { laggingCopies, type ReadCopies } from './microsoft/read-copies';
import { Webhooks } from './microsoft/webhooks';
import { isAsking, isDecision, isVisit, type Act, type ActAtMicrosoft } from './scenario/act';
import { catalogs } from './scenario/rules';
import type { Scenario } from './scenario/scenario';
import type { Scheduler } from './scheduler';
import type { Trace } from './trace';

/** One subscription, at Microsoft and with us. */
export interface Life {
  /** 0: the one that the run is about. */
  readonly number: number;
  /** How the publisher's list names it. Within its life every subscription has the same id. */
  readonly id: string;
  readonly scenario: Scenario;
  readonly microsoft: Microsoft;
  readonly api: MicrosoftApi;
  readonly services: Services;
}

export interface LifeOptions {
  readonly number: number;
  readonly id: string;
  readonly scenario: Scenario;
  readonly scheduler: Scheduler;
  readonly chance: Chance;
  readonly trace: Trace;
  readonly endMs: number;
  readonly copyLagMs: number;
  readonly subscriptionCopies?: ReadCopies;
  readonly operationCopies?: ReadCopies;
  readonly leavesOut?: (nowMs: number) => readonly ModelMember[];
  readonly mistakes?: (nowMs: number) => 'ended' | 'gone' | null;
}

/** Begins a life, and schedules its acts. */
export function beginLife(options: LifeOptions): Life {
  const { number, id, scenario, scheduler, chance, trace, endMs, copyLagMs, leavesOut, mistakes } = options;
  const { acts, faults, begins, rules } = scenario;
  const microsoft: Microsoft = new Microsoft({
    ...{ scheduler, trace, begins: begins === 'sold' ? atPurchase : atStart, send: (operation) => webhooks.send(operation) },
    fateOf: (act, action) => ({ ...drawnFate(action, act.number, faults, chance), ...act.fate }),
  });
  const webhooks = new Webhooks({ microsoft, scheduler, chance, faults, trace, receive: (...delivery) => services.receive(...delivery) });
  const api = new MicrosoftApi({
    ...{ microsoft, scheduler, chance, faults, trace, leavesOut, mistakes },
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
  return { number, id, scenario, microsoft, api, services };
}
