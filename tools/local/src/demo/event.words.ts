import type { PublicEvent } from './public-events';

/** What a public event says, in a line. */
export function wordsOf(event: PublicEvent): string {
  switch (event.type) {
    case 'landfall.billing.usage-counted.v1': {
      const { meter, usedInTerm, included, remaining } = event.data;
      return `${event.type}  ${usedInTerm} ${meter} used, ${included ?? 'all'} included, ${remaining ?? 'all'} left`;
    }
    case 'landfall.billing.usage-reported.v1':
      return `${event.type}  ${event.data.quantity} ${event.data.dimension} of ${event.data.hour} are accepted`;
    case 'landfall.billing.usage-refused.v1':
    case 'landfall.billing.usage-written-off.v1':
    case 'landfall.billing.usage-over-reported.v1':
      return event.type;
    default: {
      const { status, planId, quantity, access } = event.data;
      return `${event.type}  #${event.sequence ?? '-'}  ${status}, ${planId}${seats(quantity)}, access ${access}`;
    }
  }
}

export function seats(quantity: number | null): string {
  return quantity === null ? '' : ` × ${quantity}`;
}
