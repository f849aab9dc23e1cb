import type { Delivery } from '../../webhook/delivery/delivery';

/** A delivery as the log shows it: what went over the wire, but of the token only what it says. Who has the log cannot act as Microsoft. */
export function deliveryTruth({ unsignedToken, ...delivery }: Delivery) {
  const { requestId, correlationId } = delivery;
  return {
    ...delivery,
    byHand: delivery.kind === 'by-hand',
    requestHeaders: { 'content-type': 'application/json', 'x-ms-requestid': requestId, 'x-ms-correlationid': correlationId },
    token: unsignedToken === null ? null : tokenTruth(unsignedToken),
  };
}

/** Header and claims of a token. What is not a JWT has neither. */
function tokenTruth(unsignedToken: string) {
  const [header, claims] = unsignedToken.split('.').map(decoded);
  return { header: header ?? null, claims: claims ?? null };
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null; // a token that is no JWT is in the menu, too
  }
}
