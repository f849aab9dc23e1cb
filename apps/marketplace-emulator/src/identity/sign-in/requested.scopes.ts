import { graphAppId } from '../../installation/installation';
import { entraErrors } from '../entra.error';

/** What an application requests at a sign-in. */
export interface RequestedScopes {
  /** As requested, for the answer of the token endpoint. */
  words: string[];
  /** Whom the access token is for. */
  resource: 'graph' | 'operators';
  /** What it allows there. */
  permissions: string[];
}

const oidcScopes = new Set(['openid', 'profile', 'email', 'offline_access']);
const graphPrefixes = ['https://graph.microsoft.com/', `${graphAppId}/`];

/** @throws Entra's error for scopes of an unknown resource, or of two: an access token is for one (contract 2.4). */
export function readScopes(scope: string, operatorsAudience: string): RequestedScopes {
  const words = scope.split(' ').filter((word) => word !== '');
  const [permissions, resources] = [[] as string[], new Set<RequestedScopes['resource']>()];
  for (const word of words.filter((each) => !oidcScopes.has(each))) {
    const prefix = [`${operatorsAudience}/`, ...graphPrefixes].find((start) => word.startsWith(start));
    if (prefix === undefined && word.includes('/')) throw entraErrors.unknownResource(word.slice(0, word.lastIndexOf('/')));
    resources.add(prefix === `${operatorsAudience}/` ? 'operators' : 'graph');
    permissions.push(word.slice(prefix?.length ?? 0));
  }
  if (resources.size > 1) throw entraErrors.manyResources();
  return { words, resource: resources.has('operators') ? 'operators' : 'graph', permissions };
}

/** Graph's permissions beyond the one that a first sign-in may ask for (contract 2.4, policy 1000.3). */
export function furtherPermissions({ resource, permissions }: RequestedScopes): string[] {
  return resource === 'operators' ? [] : permissions.filter((permission) => !['user.read', '.default'].includes(permission.toLowerCase()));
}
