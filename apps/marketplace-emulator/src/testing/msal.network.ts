import type { INetworkModule } from '@azure/msal-node';

/** msal-node refuses an authority and an issuer without https, so this network client translates the scheme on both ways. @param httpsAuthority as msal-node is told it */
export function msalNetworkTo(httpsAuthority: string): INetworkModule {
  const httpAuthority = httpsAuthority.replace('https:', 'http:');
  const send = async <T>(url: string, init: RequestInit) => {
    const response = await fetch(url.replace('https:', 'http:'), init);
    const text = (await response.text()).replaceAll(httpAuthority, httpsAuthority);
    return { headers: Object.fromEntries(response.headers), body: JSON.parse(text) as T, status: response.status };
  };
  return {
    sendGetRequestAsync: (url, options) => send(url, { headers: options?.headers }),
    sendPostRequestAsync: (url, options) => send(url, { method: 'POST', headers: options?.headers, body: options?.body }),
  };
}
