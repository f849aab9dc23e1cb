import { limits } from '../../../limits';
import {
  aCall,
  aDelivery,
  after,
  anOperation,
  stateBefore,
  findings,
  operationId,
  subscriptionId,
  timePasses,
} from '../../../testing/facts';
import type { CallEnded } from '../../fact';
import { changeNotVerified, newsNotVerified } from './verification.rules';

const inTime = limits.verificationMs / 1_000;
const atLast = limits.lateVerificationMs / 1_000;
const getOperation = (seconds: number, id = operationId) => aCall(seconds, { route: 'getOperation', subscriptionId, operationId: id });
const patch = (seconds: number, operation = anOperation()): CallEnded =>
  aCall(seconds, {
    route: 'updateOperation',
    method: 'PATCH',
    subscriptionId,
    operationId: operation.id,
    before: stateBefore({ operation }),
  });

describe('a change accepted without Get Operation', () => {
  it('is a breach when the operation was not read in time', () => {
    expect(findings(changeNotVerified, [aDelivery(11), timePasses(11 + inTime)])).toMatchObject([
      { subject: operationId, deliveryId: 'delivery-11' },
    ]);
    expect(findings(changeNotVerified, [aDelivery(11), timePasses(10 + inTime)])).toEqual([]);
  });

  it('is a breach at once when it is decided by PATCH', () => {
    expect(findings(changeNotVerified, [aDelivery(11), patch(12), timePasses(2 * atLast)])).toMatchObject([
      { subject: `PATCH ${operationId}`, requestId: 'request-12' },
    ]);
  });

  it('is none when the operation was read before the answer or after it, or the open ones were listed, or the call met a fault', () => {
    const late = timePasses(2 * atLast);
    for (const read of [
      getOperation(10.5),
      getOperation(11.5),
      aCall(10.5, { route: 'listOperations', subscriptionId }),
      aCall(11.5, { route: 'listOperations', subscriptionId }),
      { ...getOperation(11.5), status: 503, faultId: 'f' },
    ]) {
      const facts = read.atMs < after(11) ? [read, aDelivery(11)] : [aDelivery(11), read];
      expect(findings(changeNotVerified, [...facts, patch(12), late])).toEqual([]);
    }
  });

  it('is a breach when something else was read: the subscription alone, another operation, the open ones of before', () => {
    for (const other of [
      aCall(11.5, { route: 'getSubscription', subscriptionId }),
      getOperation(11.5, 'another'),
      aCall(9, { route: 'listOperations', subscriptionId }),
    ]) {
      expect(findings(changeNotVerified, [other, aDelivery(11), timePasses(12 + inTime)])).toHaveLength(1);
    }
  });

  it('has longer where the publisher reads others, being behind with its work, but not for ever', () => {
    const busy = Array.from({ length: 100 }, (_, index) => getOperation(12 + 10 * index, `other-${index}`));
    const facts = [aDelivery(11), ...busy.filter((call) => call.atMs < after(11 + atLast))];
    expect(findings(changeNotVerified, [...facts, timePasses(10 + atLast)])).toEqual([]);
    expect(findings(changeNotVerified, [...facts, timePasses(11 + atLast)])).toHaveLength(1);
  });

  it('is taken back when the operation is read after all', () => {
    const facts = [aDelivery(11), timePasses(11 + inTime), getOperation(12 + inTime)];
    expect(findings(changeNotVerified, facts)).toMatchObject([{ subject: operationId }, { takesBack: operationId }]);
  });

  it.each([
    ['the publisher asked for itself', anOperation({ requestSource: 'Partner' })],
    ['takes a refused one back', anOperation({ reverts: 'another' })],
    ['is no change', anOperation({ action: 'Reinstate' })],
  ])('is not reported for an operation that %s', (_what, operation) => {
    expect(findings(changeNotVerified, [aDelivery(11, {}, operation), patch(12, operation), timePasses(2 * atLast)])).toEqual([]);
  });

  it('is not reported where the webhook was refused, failed or came by hand, nor by a PATCH of an operation of before the start', () => {
    for (const changes of [{ answer: { status: 400, body: '' } }, { answer: null }, { kind: 'by-hand' as const }])
      expect(findings(changeNotVerified, [aDelivery(11, changes), timePasses(2 * atLast)])).toEqual([]);
    expect(findings(changeNotVerified, [patch(12)], { sinceMs: after(11) })).toEqual([]);
  });

  it('is not reported where the operation is older than the start: it may have been read before its webhook came once more', () => {
    expect(findings(changeNotVerified, [aDelivery(20), timePasses(2 * atLast)], { sinceMs: after(15) })).toEqual([]);
  });

  it('is not reported where the read may not be known any more', () => {
    const others = Array.from({ length: limits.rememberedPerRule }, (_, index) => getOperation(11, `other-${index}`));
    expect(findings(changeNotVerified, [getOperation(10.5), ...others, patch(12)])).toEqual([]);
  });
});

describe('news accepted without reading', () => {
  const renewed = aDelivery(11, {}, anOperation({ action: 'Renew', status: 'Succeeded' }));

  it('is advice when neither operation nor subscription was read in time', () => {
    expect(newsNotVerified.severity).toBe('advice');
    expect(findings(newsNotVerified, [renewed, timePasses(11 + inTime)])).toMatchObject([{ subject: operationId }]);
  });

  it.each(['getSubscription', 'getOperation', 'listOperations', 'listSubscriptions'] as const)('is none after %s', (route) => {
    const ids = {
      getSubscription: { subscriptionId },
      getOperation: { subscriptionId, operationId },
      listOperations: { subscriptionId },
      listSubscriptions: {},
    }[route];
    for (const facts of [
      [renewed, aCall(12, { route, ...ids })],
      [aCall(10.5, { route, ...ids }), renewed],
    ])
      expect(findings(newsNotVerified, [...facts, timePasses(2 * atLast)])).toEqual([]);
  });

  it('is not reported where it is older than the start', () => {
    expect(findings(newsNotVerified, [renewed, timePasses(2 * atLast)], { sinceMs: after(11) })).toEqual([]);
  });
});
