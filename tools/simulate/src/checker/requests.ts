import type { ChangeRequest } from '@landfall/subscription/decisions';
import { memberOf, statusOf } from '../microsoft/operation';
import type { Run } from '../run';
import { msOf } from '../time';
import { longestHopMs } from './causes';
import { trueValues } from './public.values';
import type { Violation } from './violation';

/** What we ask of Microsoft ends as Microsoft ended it, is done once, and is told (rule 10). That it ends at all is found with the waits. */
export const requests = (run: Run): Violation[] => run.requests.flatMap((request) => [...untrue(request, run), ...untold(request, run)]);

function untrue(request: ChangeRequest, run: Run): Violation[] {
  const { id, action, state } = request;
  const { operations, record } = run;
  const begun = operations.filter(({ requestId }) => requestId === id);
  const done = begun.filter((operation) => statusOf(operation) === 'Succeeded');
  const tell = (about: string, explanation: string): Violation => ({
    kind: about === 'succeeded' && isAnothersUntold(request, run) ? 'request-anothers' : 'request-untrue',
    about,
    explanation: `the request for ${action} ${explanation}`,
  });
  const isDone = action === 'Unsubscribe' ? record.status === 'Unsubscribed' : done.length > 0;
  return [
    ...(done.length > 1 ? [tell('twice', `was done ${done.length} times`)] : []),
    ...(state === 'succeeded' && !isDone
      ? [tell('succeeded', `succeeded, and Microsoft did ${begun.length === 0 ? 'not take' : 'not do'} it`)]
      : []),
    ...(state === 'failed' && done.length > 0 ? [tell('failed', 'failed, and Microsoft did it')] : []),
  ];
}

/** Another operation did the same, and nothing had told of that one by then. */
function isAnothersUntold({ id, action, planId, quantity, endedAt }: ChangeRequest, { history }: Run): boolean {
  if (action === 'Unsubscribe' || endedAt === null) return false;
  const endedMs = msOf(endedAt);
  const target = action === 'ChangePlan' ? planId : quantity;
  const made = trueValues(history, memberOf[action]).findLast(({ value, sinceMs }) => value === target && sinceMs <= endedMs)?.operation;
  return Boolean(made) && made!.requestId !== id && (made!.firstDeliveredAtMs ?? Infinity) > endedMs - longestHopMs;
}

const made: ReadonlySet<string> = new Set(['change-requested', 'cancellation-requested']);
const failed: ReadonlySet<string> = new Set(['change-failed', 'cancellation-failed']);

function untold({ id, action, state }: ChangeRequest, { events }: Run): Violation[] {
  const about = events.filter((event) => event.state.requestId === id);
  const countOf = (names: ReadonlySet<string>) => about.filter(({ name }) => names.has(name)).length;
  const hasFailed = state === 'failed' || state === 'unconfirmed';
  if (countOf(made) === 1 && countOf(failed) === (hasFailed ? 1 : 0)) return [];
  const explanation = `the request for ${action} is ${state}: made is told ${countOf(made)} times, failed ${countOf(failed)} times`;
  return [{ kind: 'request-untold', about: action, explanation }];
}
