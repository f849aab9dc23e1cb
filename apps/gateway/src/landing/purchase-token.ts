import { PURCHASE_TOKEN_LIMIT } from '@landfall/contracts';

export type PurchaseTokenQuery =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'none' }
  /** Not decodable, not printable, or too long: the customer must come again. */
  | { readonly kind: 'damaged' };

const NAME = 'token';
/** The token becomes a header of our call to Microsoft: printable ASCII and nothing else. */
const PRINTABLE = /^[\x21-\x7e]+$/;

/**
 * The purchase token of a landing URL, as Resolve needs it (contract 3.3): percent-decoded exactly once from the raw query, `+` kept.
 * Parsers of forms and of most frameworks turn `+` into a blank, and Microsoft then can't decrypt the token (contract 8, pitfall 1); where
 * something on the way did so, the blank becomes `+` again, since a token never holds one.
 */
export function purchaseTokenOf(rawUrl: string): PurchaseTokenQuery {
  const encoded = rawParameter(rawUrl, NAME);
  if (encoded === undefined || encoded === '') return { kind: 'none' };
  const decoded = decodedOnce(encoded);
  if (decoded === undefined) return { kind: 'damaged' };
  const token = decoded.replaceAll(' ', '+');
  return token.length <= PURCHASE_TOKEN_LIMIT && PRINTABLE.test(token) ? { kind: 'token', token } : { kind: 'damaged' };
}

/** The first parameter of that name, still encoded. Others are the vendor's own and stay unread. */
function rawParameter(rawUrl: string, name: string): string | undefined {
  const [address = ''] = rawUrl.split('#', 1);
  const start = address.indexOf('?');
  if (start < 0) return undefined;
  const pairs = address.slice(start + 1).split('&');
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function decodedOnce(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined; // a cut or foreign encoding: shown to the customer as a damaged link
  }
}
