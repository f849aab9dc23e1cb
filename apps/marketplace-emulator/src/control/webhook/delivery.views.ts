import type { Delivery } from '../../webhook/delivery/delivery';

/**
 * A delivery as the log shows it: what was sent, but of the token only header and claims, so that nobody can act as Microsoft with the log.
 */
export function deliveryView({ unsignedToken, ...delivery }: Delivery) {
  const { requestId, correlationId } = delivery;
  return {
    ...delivery,
    byHand: delivery.kind === 'by-hand',
    requestHeaders: { 'content-type': 'application/json', 'x-ms-requestid': requestId, 'x-ms-correlationid': correlationId },
    token: unsignedToken === null ? null : tokenView(unsignedToken),
  };
}

/** Header and claims of a token. What is not a JWT has neither. */
function tokenView(unsignedToken: string) {
  const [header, claims] = unsignedToken.split('.').map(decoded);
  return { header: header ?? null, claims: claims ?? null };
}

function decoded(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
  } catch {
    return null; // one of the bad tokens is no JWT
  }
}
