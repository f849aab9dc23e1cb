import { messagingSettings } from '@landfall/messaging';
import { defineConfig, serviceSettings } from '@landfall/service-defaults';

export const config = defineConfig('subscription', { ...serviceSettings, ...messagingSettings });
