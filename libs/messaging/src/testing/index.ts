export { messagingDriver, type MessagingDriver, type ExistingJob } from './messaging.driver';
export { multiplyRows, pagesRead } from './pages.read';
export { Outbox } from '../outbox/outbox';
