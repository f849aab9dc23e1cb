import { Marketplace } from './marketplace';
import { operationId, plannedBy, subscriptionId, type Kind } from './operation.id';

const planned = (kind: Kind, atMs = Date.now()) => ({ atMs, kind, target: 2, subscription: 7 });

describe('an operation of the bench', () => {
  it.each(['ChangePlan', 'ChangeQuantity', 'Suspend', 'Reinstate'] as const)('is told whole by its id: %s', (kind) => {
    expect(plannedBy(operationId(planned(kind)))).toMatchObject({ kind, target: 2, subscription: 7 });
  });
});

describe('the stub', () => {
  const marketplace = () => new Marketplace(10);
  const held = (stub: Marketplace) => stub.subscription(subscriptionId(7)).body;

  it('changes a subscription when its operation is acknowledged, once', () => {
    const stub = marketplace();
    const id = operationId(planned('ChangePlan'));
    expect(stub.operation(id).body).toMatchObject({ status: 'InProgress', planId: 'platinum' });
    expect(held(stub)).toMatchObject({ planId: 'silver' });
    expect(stub.patch(id, 'Success').status).toBe(200);
    expect(stub.patch(id, 'Success').status).toBe(409);
    expect(held(stub)).toMatchObject({ planId: 'platinum' });
    expect(stub.seen().operations).toEqual([{ id, status: 'Succeeded', patched: 2, settledBy: 'patch' }]);
  });

  it('decides by itself after ten seconds (contract 4.5)', () => {
    const stub = marketplace();
    const id = operationId(planned('ChangeQuantity', Date.now() - 10_001));
    expect(stub.operation(id).body).toMatchObject({ status: 'Succeeded' });
    expect(stub.patch(id, 'Success').status).toBe(409);
    expect(stub.seen().operations).toMatchObject([{ settledBy: 'clock' }]);
  });

  it('shows a Suspend as done when it is first asked for', () => {
    const stub = marketplace();
    expect(stub.operation(operationId(planned('Suspend'))).body).toMatchObject({ status: 'Succeeded' });
    expect(held(stub)).toMatchObject({ saasSubscriptionStatus: 'Suspended' });
  });

  it('counts calls by kind, and anew after it was asked', () => {
    const stub = marketplace();
    stub.operation(operationId(planned('ChangePlan')));
    held(stub);
    expect(stub.seen().calls).toEqual({ 'get-operation': 1, 'get-subscription': 1 });
    expect(stub.seen().calls).toEqual({});
  });
});
