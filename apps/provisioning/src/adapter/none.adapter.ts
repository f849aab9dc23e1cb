import { tenantProvisioned } from '@landfall/contracts';
import { changed } from '@landfall/messaging';
import type { Adapter } from './adapter';
import { stepped } from '../tenant/tenant.state';

/** For products that need no tenant made for them: they follow the public events, and everybody may come in at once. */
export const noneAdapter: Adapter = {
  provision(tenant, { now }) {
    const { subscriptionId, version } = tenant;
    const ready = stepped(tenant, 'ready', now, { state: 'ready' });
    return changed(ready, tenantProvisioned({ subscriptionId, version, tenantReference: null, adapter: 'none' }));
  },

  takeBack(tenant, { now }) {
    return changed(stepped(tenant, 'ended', now, { state: 'ended' }));
  },
};
