export { messagingDriver, type MessagingDriver, type ExistingJob } from './messaging.driver';
