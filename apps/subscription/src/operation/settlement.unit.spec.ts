import type { Draft } from '@landfall/contracts';
import * as given from '../subscription/subscription.builders';
import { aSnapshot, changeOf, decide, emitted, loaded } from '../subscription/subscription.builders';

describe('how Microsoft ends an operation', () => {
  it('a change that failed after all is reverted, with the cause reversal', () => {
    const open = changeOf(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    const outcome = decide(open, given.settled({ action: 'ChangePlan', settled: 'Failed', operationStatus: 'Failed' }));
    expect(emitted(outcome)).toEqual(['plan-changed']);
    expect((outcome.effects as Draft[])[0]!.data).toMatchObject({ current: { planId: 'silver' }, cause: { source: 'reversal' } });
  });

  it('a change that succeeded is emitted once', () => {
    const open = changeOf(decide(loaded(), given.verified({ action: 'ChangePlan', planId: 'gold' })));
    expect(emitted(decide(open, given.settled({ action: 'ChangePlan', snapshot: aSnapshot({ planId: 'gold' }) })))).toEqual([]);
  });
});
