export { messagingDriver, type MessagingDriver, type StoredJob } from './messaging.driver';
