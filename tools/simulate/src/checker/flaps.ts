import { members } from '../microsoft/members';
import type { Run } from '../run';
import { told, trueValues, type Told, type TrueValue } from './public.values';
import type { Violation } from './violation';

/**
 * False flaps: what products were told of a member has to be embedded, in order, into what was true at Microsoft by then. Values may be passed over. The event that
 * goes back to the truth after a false one is not false itself. One that tells the same value anew, by the operation that made it so again, is as far as that: what was
 * before must not come after it.
 */
export function flaps(run: Run): Violation[] {
  return members.flatMap((member) => {
    const truth = trueValues(run.history, member);
    const violations: Violation[] = [];
    let place = 0;
    let isAstray = false;
    for (const change of told(run, member)) {
      if (change.from === change.to) {
        place = Math.max(place, placeOf(change, truth));
        continue;
      }
      if (isAstray && truth[place]!.value === change.to) {
        isAstray = false;
        continue;
      }
      const next = truth.findIndex(({ value, sinceMs }, index) => {
        const isLater = index > place || (isAstray && index === place);
        return isLater && value === change.to && sinceMs <= change.atMs;
      });
      isAstray = next < 0;
      if (isAstray) violations.push(falseChange(member, change, run));
      else place = next;
    }
    return violations;
  });
}

/** Where the truth came to the value by the operation that the event names; -1 where it names none. */
const placeOf = ({ event, to }: Told, truth: readonly TrueValue[]): number =>
  truth.findIndex(({ operation, value }) => operation !== null && operation.id === event.state.cause.operationId && value === to);

function falseChange(member: string, { atMs, event, from, to }: Told, { operations }: Run): Violation {
  const { cause } = event.state;
  const isLie = operations.some(({ id, isLie }) => isLie && id === cause.operationId);
  const explanation = `${seconds(atMs)} s: ${event.name} tells ${String(from)} -> ${String(to)}, cause ${JSON.stringify(cause)}`;
  return { kind: isLie ? 'microsofts-untruth' : 'flap', about: member, explanation };
}

export const seconds = (ms: number): string => (ms / 1000).toFixed(1);
