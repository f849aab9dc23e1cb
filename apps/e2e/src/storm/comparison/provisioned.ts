import type { AnnouncedEvent, AtProduct, Difference, Members } from './sides';

/** The product is asked for one tenant and makes one, whoever uses the subscription has it, and one that nobody ever used is taken back. */
export function provisionedOf(
  { requests, made, hasTenant }: AtProduct,
  events: readonly AnnouncedEvent[],
  record: Members | null,
): Difference[] {
  const status = record?.['status'] ?? null;
  const isUsed = events.some(({ kind }) => kind === 'activated');
  const twice = [
    ...(requests > 1 ? [`the product was asked for a tenant by ${requests} different requests`] : []),
    ...(made > 1 ? [`the product made ${made} tenants`] : []),
  ];
  const untrue = [
    ...((status === 'Subscribed' || status === 'Suspended') && !hasTenant ? [`it is ${status}, and there is no tenant`] : []),
    ...(status === 'Unsubscribed' && !isUsed && hasTenant ? ['it has ended before anybody used it, and its tenant is still there'] : []),
  ];
  return [
    ...twice.map((detail): Difference => ({ kind: 'provisioned twice', detail })),
    ...untrue.map((detail): Difference => ({ kind: 'untrue tenant', detail })),
  ];
}
