import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { CONNECT_TIMEOUT_MS } from '../marketplace.limits';

/**
 * The connections to Microsoft. Where `NODE_USE_ENV_PROXY` is `1`, the switch of Node's own `fetch`, https goes through the proxy that `HTTPS_PROXY` names, except to the
 * hosts of `NO_PROXY`: in a tunnel, so that the proxy sees host and port, and no token. Plain http, which is for this machine alone, never goes through a proxy.
 * @param perHost how many there may be to one host
 */
export function connectionsOf(perHost: number): Dispatcher {
  const options = { connections: perHost, pipelining: 1, connect: { timeout: CONNECT_TIMEOUT_MS } };
  if (process.env['NODE_USE_ENV_PROXY'] !== '1') return new Agent(options);
  return new EnvHttpProxyAgent({ ...options, httpProxy: '', connectTimeout: CONNECT_TIMEOUT_MS });
}
