import { limits } from '../../../limits';
import type { Operation } from '../../../operation/operation';
import { aDelivery, after, anOperation, findings, operationId } from '../../../testing/facts';
import type { Delivery } from '../../../webhook/delivery/delivery';
import type { Fact } from '../../fact';
import { changedDecision, genuineTurnedAway, lateAnswer, lateRefusal, newsRefused, redirected, revertRefused } from './answer.rules';

const answered = (status: number, operation: Operation = anOperation(), changes: Partial<Delivery> = {}) => {
  const requestBody = { id: operation.id, subscriptionId: operation.subscriptionId, action: operation.action };
  return aDelivery(11, { answer: { status, body: '' }, requestBody, ...changes }, operation);
};
const of = (action: string) => anOperation({ action: action as Operation['action'] });

describe('a late answer', () => {
  it('is a breach after more than five seconds, whatever its status', () => {
    expect(findings(lateAnswer, [aDelivery(1, { tookMs: 5_001 })])).toMatchObject([
      { subject: operationId, done: expect.stringContaining('answered 200 after 5.0 s') },
    ]);
    const none = aDelivery(2, { tookMs: 10_000, answer: null, error: 'no answer within 10000 ms', verdict: 'failed' });
    expect(findings(lateAnswer, [none])).toMatchObject([{ done: expect.stringContaining('no answer after 10.0 s') }]);
  });

  it('is none within five seconds, nor where a fault made it late', () => {
    expect(findings(lateAnswer, [aDelivery(1, { tookMs: 5_000 }), aDelivery(2, { tookMs: 9_000, faultId: 'f' })])).toEqual([]);
  });
});

it('finds a redirect, and nothing in any other answer', () => {
  expect(findings(redirected, [answered(301), answered(308)])).toHaveLength(2);
  expect(findings(redirected, [answered(200), answered(400), answered(503), aDelivery(1, { answer: null })])).toEqual([]);
});

describe('a genuine webhook turned away', () => {
  const unsignedToken = `${Buffer.from('{"alg":"RS256","kid":"key-1"}').toString('base64url')}.claims`;
  const keysRead: Fact = { kind: 'keys-read', atMs: after(1), readAtMs: after(1), keyIds: ['key-1'] };

  it.each([401, 403])('is a breach when the publisher has its key: %d', (status) => {
    for (const action of ['ChangePlan', 'Suspend'])
      expect(findings(genuineTurnedAway, [keysRead, answered(status, of(action), { unsignedToken })])).toMatchObject([
        { subject: operationId },
      ]);
  });

  it('is advice where the keys were not read since they changed, and where middleware may have answered', () => {
    expect(findings(genuineTurnedAway, [answered(401, anOperation(), { unsignedToken })])).toMatchObject([{ severity: 'advice' }]);
    expect(findings(genuineTurnedAway, [keysRead, answered(415, anOperation(), { unsignedToken })])).toMatchObject([
      { severity: 'advice' },
    ]);
  });

  it('is none where it is let in, decided about or postponed, nor where the token was bad or the webhook made up', () => {
    for (const status of [200, 400, 409, 500, 503]) expect(findings(genuineTurnedAway, [keysRead, answered(status)])).toEqual([]);
    expect(findings(genuineTurnedAway, [answered(401, anOperation(), { badToken: 'expired', kind: 'forged' })])).toEqual([]);
    expect(findings(genuineTurnedAway, [{ ...answered(401, anOperation(), { kind: 'crafted' }), operation: undefined }])).toEqual([]);
  });
});

describe('news', () => {
  it.each(['Renew', 'Suspend', 'Reinstate', 'Unsubscribe', 'Subscribe'])('may not be refused: %s', (action) => {
    expect(findings(newsRefused, [answered(400, of(action)), answered(429, of(action))])).toHaveLength(2);
    expect(findings(newsRefused, [answered(200, of(action)), answered(503, of(action))])).toEqual([]);
  });

  it('of an unknown kind may not be refused, also where it was made up', () => {
    const unknown = { ...answered(400, of('Transfer'), { kind: 'crafted' }), operation: undefined };
    expect(findings(newsRefused, [unknown])).toHaveLength(1);
  });

  it('may be refused where a change is asked for, where members are missing, or where it was made up', () => {
    expect(findings(newsRefused, [answered(400)])).toEqual([]);
    expect(findings(newsRefused, [answered(400, of('Renew'), { requestBody: { id: operationId } })])).toEqual([]);
    expect(findings(newsRefused, [{ ...answered(400, of('Renew'), { kind: 'crafted' }), operation: undefined }])).toEqual([]);
  });
});

describe('a refusal', () => {
  const late = { tookMs: limits.vetoMs + 1 };

  it('after the ten seconds is a breach', () => {
    expect(findings(lateRefusal, [answered(400, anOperation(), late)])).toHaveLength(1);
  });

  it('is none in time, where a PATCH came before it, where it is no refusal, or where a fault made it late', () => {
    expect(findings(lateRefusal, [answered(400)])).toEqual([]);
    expect(findings(lateRefusal, [answered(400, anOperation({ settledBy: 'publisher', status: 'Failed' }), late)])).toEqual([]);
    expect(findings(lateRefusal, [answered(503, anOperation(), late), answered(400, of('Renew'), late)])).toEqual([]);
    expect(findings(lateRefusal, [answered(400, anOperation(), { ...late, faultId: 'f' })])).toEqual([]);
  });

  it('of what takes a refused change back is a breach, and of a change it is none', () => {
    const revert = anOperation({ reverts: 'another' });
    expect(findings(revertRefused, [answered(400, revert)])).toHaveLength(1);
    expect(findings(revertRefused, [answered(200, revert), answered(503, revert), answered(400)])).toEqual([]);
  });

  it('of what was accepted before is a breach', () => {
    expect(findings(changedDecision, [answered(200), answered(400)])).toHaveLength(1);
    expect(findings(changedDecision, [answered(200), answered(409, anOperation(), { kind: 'by-hand' })])).toHaveLength(1);
  });

  it('is none again and again, nor where it is accepted when Microsoft has settled it, nor where no decision was made before', () => {
    expect(findings(changedDecision, [answered(400), answered(400), answered(200)])).toEqual([]);
    expect(findings(changedDecision, [answered(503), answered(400)])).toEqual([]);
    expect(findings(changedDecision, [answered(200), answered(503), answered(200)])).toEqual([]);
  });

  it('is none of a body that a fault or a call of the control API has falsified: what Microsoft does not confirm is to be refused', () => {
    const falsified = [{ subscriptionId: 'another' }, { id: undefined }, { action: 'Renew' }, { planId: 'free' }, { quantity: 1_000 }];
    const truth = { id: operationId, subscriptionId: anOperation().subscriptionId, action: 'ChangePlan', planId: 'gold', quantity: 1 };
    for (const changes of falsified) {
      const change = anOperation({ planId: 'gold', reverts: 'another' });
      const refused = answered(400, change, { requestBody: { ...truth, ...changes }, kind: 'by-hand', tookMs: limits.vetoMs + 1 });
      for (const rule of [changedDecision, revertRefused, lateRefusal])
        expect(findings(rule, [answered(200, change), refused])).toEqual([]);
      const news = anOperation({ action: 'Suspend', planId: 'gold' });
      expect(findings(newsRefused, [answered(400, news, { requestBody: { ...truth, action: 'Suspend', ...changes } })])).toEqual([]);
    }
  });

  it('is one of whatever form Microsoft itself has sent', () => {
    const news = anOperation({ action: 'Unsubscribe', planId: 'gold', quantity: 5 });
    const truth = { id: operationId, subscriptionId: news.subscriptionId, action: 'Unsubscribe' };
    for (const form of [
      {},
      { planId: '', quantity: '' },
      { planId: 'gold', quantity: 5 },
      { planId: 'gold', quantity: '5' },
      { quantity: null },
    ])
      expect(findings(newsRefused, [answered(400, news, { requestBody: { ...truth, ...form } })])).toHaveLength(1);
  });
});
