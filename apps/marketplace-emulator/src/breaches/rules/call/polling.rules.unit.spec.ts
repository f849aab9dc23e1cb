import { aCall, after, findings, operationId } from '../../../testing/facts';
import type { CallEnded } from '../../fact';
import { polledTooOften, retryAfterIgnored } from './polling.rules';

describe('polling', () => {
  const polls = (spacing: number, changes: Partial<CallEnded> = {}) =>
    Array.from({ length: 30 }, (_, index) => aCall(index * spacing, { route: 'getOperation', operationId, ...changes }));

  it('is advice when it goes on faster than once a second', () => {
    expect(findings(polledTooOften, polls(0.5))).toHaveLength(3);
  });

  it('is none every second or slower, and of a subscription', () => {
    expect(findings(polledTooOften, polls(1))).toEqual([]);
    expect(findings(polledTooOften, polls(0.1, { route: 'getSubscription', operationId: null }))).toEqual([]);
  });
});

describe('Retry-After', () => {
  const refused = (seconds: number, changes: Partial<CallEnded> = {}) => aCall(seconds, { status: 429, retryAfterMs: 10_000, ...changes });

  it('is advice when it is not waited for twice in a row', () => {
    expect(findings(retryAfterIgnored, [refused(0), refused(1), refused(2)])).toMatchObject([{ done: expect.stringContaining('2 times') }]);
    expect(findings(retryAfterIgnored, [refused(0, { status: 503 }), refused(1, { status: 503 }), aCall(2)])).toHaveLength(1);
  });

  it('is none when it is waited for, when the calls were on their way already, or when no Retry-After was sent', () => {
    expect(findings(retryAfterIgnored, [refused(0), refused(9.5), refused(20), aCall(31)])).toEqual([]);
    expect(findings(retryAfterIgnored, [refused(0), refused(1, { beganAtMs: after(-1) }), refused(2, { beganAtMs: after(-1) })])).toEqual(
      [],
    );
    expect(
      findings(
        retryAfterIgnored,
        [0, 1, 2].map((seconds) => refused(seconds, { retryAfterMs: null })),
      ),
    ).toEqual([]);
    expect(findings(retryAfterIgnored, [refused(0), refused(1), refused(20, { beganAtMs: after(19) }), refused(21)])).toEqual([]);
  });
});
