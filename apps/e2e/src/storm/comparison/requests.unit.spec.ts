import { requestsOf } from './requests';
import type { AnnouncedEvent, MadeRequest } from './sides';

const told = (kind: string, requestId = 'r') => ({ kind, requestId }) as AnnouncedEvent;
const request = (change: Partial<MadeRequest> = {}): MadeRequest => ({
  ...{ requestId: 'r', action: 'ChangePlan', state: 'succeeded', operationId: 'o' },
  ...change,
});
const microsoft = (status: string, subscription = 'Subscribed') =>
  ({ members: { status: subscription }, operations: [{ id: 'o', status }] }) as never;

function found(status: string, made: MadeRequest, ...events: AnnouncedEvent[]): string[] {
  return requestsOf(microsoft(status), events, [made]).map(({ kind, detail }) => `${kind}: ${detail}`);
}

describe('the comparison of what we asked for', () => {
  it('finds nothing where each request was told, and ended as its operation did', () => {
    expect(found('Succeeded', request(), told('change-requested'), told('change-requested', 'another'))).toEqual([]);
    expect(found('Failed', request({ state: 'failed' }), told('change-requested'), told('change-failed'))).toEqual([]);
    expect(
      found('Succeeded', request({ state: 'unconfirmed', operationId: null }), told('change-requested'), told('change-failed')),
    ).toEqual([]);
  });

  it('finds one that never ended', () => {
    expect(found('Succeeded', request({ state: 'pending' }), told('change-requested'))).toEqual([
      'request without an end: ChangePlan by request r is still pending',
    ]);
  });

  it('finds one that ended otherwise than its operation', () => {
    expect(found('Failed', request(), told('change-requested'))).toEqual([
      'untrue end of a request: ChangePlan by request r succeeded, and its operation is Failed',
    ]);
    expect(found('Succeeded', request({ state: 'failed' }), told('change-requested'), told('change-failed'))).toEqual([
      'untrue end of a request: ChangePlan by request r failed, and its operation has succeeded',
    ]);
  });

  it('finds one that was not told, or whose failure was not told, or told twice', () => {
    expect(found('Succeeded', request())).toEqual(['untrue end of a request: ChangePlan by request r is told 0 times']);
    const failed = request({ state: 'failed' });
    for (const [count, events] of [
      [0, []],
      [2, [told('change-failed'), told('change-failed')]],
    ] as const)
      expect(found('Failed', failed, told('change-requested'), ...events)).toEqual([
        `untrue end of a request: ChangePlan by request r is failed, and ${count} failures are told`,
      ]);
  });

  it('knows a cancellation by the end of the subscription', () => {
    const cancelled = request({ action: 'Unsubscribe' });
    const asked = [told('cancellation-requested')];
    expect(requestsOf(microsoft('Succeeded', 'Unsubscribed'), asked, [cancelled])).toEqual([]);
    expect(requestsOf(microsoft('Succeeded'), asked, [cancelled])).toHaveLength(1);
  });
});
