import { tenantProvisioned } from '@landfall/contracts';
import { changed } from '@landfall/messaging';
import type { Adapter } from './adapter';
import { apply } from '../tenant/tenant';

/** For products that need no tenant made for them: they follow the public events, and everybody may come in at once. */
export const noneAdapter: Adapter = {
  provision(change, { now }) {
    const { subscriptionId, version } = change.tenant;
    const ready = apply(change, 'ready', now, { state: 'ready' });
    return changed(ready, tenantProvisioned({ subscriptionId, version, tenantReference: null, adapter: 'none' }));
  },

  takeBack(change, { now }) {
    return changed(apply(change, 'ended', now, { state: 'ended' }));
  },
};
